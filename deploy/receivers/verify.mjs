// Verifies a webhook of orewire with nothing but Node's own modules.
// As a module: verify(headers, body, secrets, now). As a command: the headers in the environment, the body on stdin.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const TOLERANCE = 300; // seconds a message may be old, or ahead of this machine's clock

// Throws unless one of the secrets signed exactly these bytes, just now. `headers` has lower-case names, `body` is the
// Buffer that came over the wire: parse it after this, not before.
export function verify(headers, body, secrets, now = Date.now() / 1000) {
  const id = headers["webhook-id"];
  const sentAt = headers["webhook-timestamp"];
  if (!/^\d+$/.test(sentAt ?? "") || Math.abs(now - Number(sentAt)) > TOLERANCE) {
    throw new Error("too old, or from the future");
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${sentAt}.`), body]);
  const given = (headers["webhook-signature"] ?? "").split(" ").filter((part) => part.startsWith("v1,"));
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = createHmac("sha256", key).update(signed).digest();
    for (const part of given) {
      const signature = Buffer.from(part.slice(3), "base64");
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) return;
    }
  }
  throw new Error("no signature fits");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const env = process.env;
  const headers = {
    "webhook-id": env.WEBHOOK_ID,
    "webhook-timestamp": env.WEBHOOK_TIMESTAMP,
    "webhook-signature": env.WEBHOOK_SIGNATURE,
  };
  try {
    verify(headers, readFileSync(0), (env.SECRETS ?? "").split(" ").filter(Boolean));
    console.log("verified");
  } catch (error) {
    console.error(`refused: ${error.message}`);
    process.exit(1);
  }
}
