#!/bin/sh
# Verifies a webhook of orewire with openssl. The headers in WEBHOOK_ID, WEBHOOK_TIMESTAMP and WEBHOOK_SIGNATURE, the
# secrets in SECRETS (separated by blanks), the body in the file $1.
set -eu
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
if [ "$age" -gt 300 ] || [ "$age" -lt -300 ]; then
    echo "refused: too old, or from the future" >&2
    exit 1
fi
for secret in $SECRETS; do
    key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
    expected=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat "$1"; } |
        openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
    for signature in $WEBHOOK_SIGNATURE; do
        if [ "$signature" = "v1,$expected" ]; then
            echo verified
            exit 0
        fi
    done
done
echo "refused: no signature fits" >&2
exit 1
