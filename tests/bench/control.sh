# Read by run: the control plane. One writer against many (group commit), a store with a million users, a manifest of
# 100,000. There is no peer: Gatehouse takes turns with itself.
# shellcheck shell=bash disable=SC2154

other="one writer"
socket=$here/control.sock
gatehouse_port=$("$generator" free-port)
cat >"$here/gatehouse.yaml" <<END
node: {name: localhost}
store: {path: state/gatehouse.db}
plugins: {directory: $plugins, load: [certificate, password, http_rest]}
listeners: [{name: api, protocol: http_rest, address: "127.0.0.1:$gatehouse_port", certificate: api}]
control: {socket: control.sock}
workers: 2
log: {level: warning}
provision: {files: ["provision/*.yaml"]}
END
cat >"$here/provision/bench.yaml" <<END
cluster: {mtls_certificate_authentication: true}
certificates:
  - {name: mtls_trusted_ca, certificate: {file: ../../keys/ca.pem}}
  - {name: api, certificate: {file: ../../keys/server.pem}, key: {file: ../../keys/server.key}}
users:
  - {name: ada, auth_method: certificate, certificate_subject_line: "CN=ada, OU=dev, O=Example", roles: [Admin]}
END

start_gatehouse() {
  "$gatehouse" serve --config "$here/gatehouse.yaml" >>"$here/gatehouse.log" 2>&1 9>&- &
  pid_of[gatehouse]=$!
  "$generator" await "$socket" && "$generator" await "$gatehouse_port" && return
  tail -n 20 "$here/gatehouse.log" >&2
  exit 1
}
api() { curl -sS --fail --unix-socket "$socket" "$@"; }
peak_kib() { awk '/^VmHWM:/ {print $2}' "/proc/${pid_of[gatehouse]}/status"; }

# --- writes -----------------------------------------------------------------------------------------------------------------

echo "seeding, then 100 users to change"
start_gatehouse
stop gatehouse
"$generator" fill "$here/state/gatehouse.db" 100 || exit 1
start_gatehouse
measure_writes() { # CONNECTIONS NAME
  local rate
  rate=$("$generator" writes "$gatehouse_port" "$keys/client" 2 "$1" "$((writes * $1 / 20))") || return 1
  keep "writes.$2" "$rate"
}
for ((round = 1; round <= rounds; ++round)); do
  if ((round % 2)); then
    measure_writes 1 "one writer" && measure_writes 20 gatehouse
  else
    measure_writes 20 gatehouse && measure_writes 1 "one writer"
  fi || not_run "writes" "the generator failed"
done

# --- a manifest of many users -------------------------------------------------------------------------------------------------

manifest=$here/many.yaml
awk -v n="$users" 'BEGIN {
  print "users:"
  for (i = 1; i <= n; ++i)
    printf "  - {name: m-%d, auth_method: certificate, certificate_subject_line: \"CN=m-%d, OU=dev, O=Example\", roles: [DB Viewer]}\n", i, i
}' >"$manifest"
stop gatehouse
start_gatehouse
begin=${EPOCHREALTIME/./}
if /usr/bin/time -f "%M" -o "$here/apply.kib" \
  "$gatehouse" apply --config "$here/gatehouse.yaml" --yes "$manifest" >"$here/apply.out" 2>&1; then
  end=${EPOCHREALTIME/./}
  keep apply.s "$(divide $((end - begin)) 1000000 1)"
  keep apply.server "$(divide "$(peak_kib)" 1024 0)"
  keep apply.command "$(divide "$(<"$here/apply.kib")" 1024 0)"
else
  not_run "apply of $users users" "$(tail -n 1 "$here/apply.out")"
fi
begin=${EPOCHREALTIME/./}
"$gatehouse" plan --config "$here/gatehouse.yaml" "$manifest" >"$here/plan.out" 2>&1
[[ $? == 0 ]] && keep plan.s "$(divide $((${EPOCHREALTIME/./} - begin)) 1000000 1)"

# --- a store of a million -----------------------------------------------------------------------------------------------------

stop gatehouse
echo "$many users"
rm -rf "$here/state"
mkdir -m 700 "$here/state"
start_gatehouse
stop gatehouse
"$generator" fill "$here/state/gatehouse.db" "$many" || exit 1
for ((round = 1; round <= rounds; ++round)); do
  if lookup_line=$("$generator" lookups "$here/state/gatehouse.db" "$many" "$lookups"); then
    read -r p50 p99 <<<"$lookup_line"
    keep many.p50 "$p50"
    keep many.p99 "$p99"
  fi
  begin=${EPOCHREALTIME/./}
  start_gatehouse
  keep many.start "$(((${EPOCHREALTIME/./} - begin) / 1000))"
  if ((round == rounds)); then
    before=$(pss_kib "${pid_of[gatehouse]}")
    begin=${EPOCHREALTIME/./}
    count=$(api http://localhost/v1/users | tr -cd '{' | wc -c)
    keep many.list "$(divide $((${EPOCHREALTIME/./} - begin)) 1000000 1)"
    keep many.listed "$count"
    keep many.growth "$(divide $(($(pss_kib "${pid_of[gatehouse]}") - before)) 1024 1)"
  fi
  stop gatehouse
done

heading "group commit, manifests, a million users"
row "durable writes, 20 connections against one" "/s" writes "ratio >= 5"
alone "apply of $users certificate users" s apply.s "< 60 s"
alone "the same: the server's most memory" MiB apply.server "< 500 MiB"
alone "the same: the command's most memory" MiB apply.command "< 500 MiB"
alone "plan of the same, nothing to do" s plan.s ""
alone "lookup of a login among $many: median" µs many.p50 "< 50 µs"
alone "the same: 99th percentile" µs many.p99 ""
alone "start with $many users" ms many.start "< 1000 ms"
alone "GET /v1/users, all of them" s many.list ""
alone "the same: growth of the server" MiB many.growth "bounded"
