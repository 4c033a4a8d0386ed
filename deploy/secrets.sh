#!/usr/bin/env bash
# Makes what compose.yaml hands to its services as files, in deploy/secrets; keeps what is there.
#
#     pepper            without which keys and replies in Redis are of no use: keep a copy with your backups
#     redis_password    of Redis
#     server.toml       how the server reaches it
#     grafana_password  of Grafana's user admin, for the profile "monitoring"
#
# Containers run as users of their own, so everybody may read the files, but only you may enter the folder.
set -euo pipefail
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 700 "$folder"

keep() {
    [ -e "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"
    chmod 444 "$folder/$1"
}

keep pepper "$(openssl rand -hex 32)"
keep redis_password "$(openssl rand -hex 32)"
keep server.toml "redis_url = \"redis://:$(cat "$folder/redis_password")@redis:6379/0\""
keep grafana_password "$(openssl rand -hex 16)"
