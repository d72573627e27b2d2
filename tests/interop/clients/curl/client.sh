#!/usr/bin/env bash
# A stream read by curl and a shell, as one finds it in scripts: only lines "data: ...", come again
# after a second.
quote() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
while :; do
  while IFS= read -r line; do
    line=${line%$'\r'}
    [[ $line == "data: "* ]] || continue
    printf '{"kind":"event","event":{"type":"message","data":%s}}\n' "$(quote "${line#data: }")"
  done < <(curl -sfN -H 'Accept: text/event-stream' "$SG_URL")
  sleep 1
done
