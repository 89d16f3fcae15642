#!/bin/sh
# Sends a signed webhook as orewire does, to try a receiver: SECRET=whsec_… ./send.sh URL body.json
set -eu
id=msg_$(openssl rand -hex 12)
timestamp=$(date +%s)
key=$(printf %s "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$({ printf '%s.%s.' "$id" "$timestamp"; cat "$2"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
curl --fail-with-body --silent --show-error --max-time 15 --request POST "$1" --data-binary "@$2" \
    --header 'content-type: application/json' --header "webhook-id: $id" \
    --header "webhook-timestamp: $timestamp" --header "webhook-signature: v1,$signature"
