# Read by run: the REST half, against nginx.
# shellcheck shell=bash disable=SC2154

other=nginx
socket=$here/control.sock
mkdir -p "$here/nginx/www"
gatehouse_port=$("$generator" free-port) nginx_port=$("$generator" free-port)
cat >"$here/gatehouse.yaml" <<END
node: {name: localhost}
store: {path: state/gatehouse.db}
plugins: {directory: $plugins, load: [certificate, password, http_rest]}
listeners: [{name: api, protocol: http_rest, address: "127.0.0.1:$gatehouse_port", certificate: api}]
control: {socket: control.sock}
workers: 2
limits: {connections: 15000, connections_per_address: 15000}
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
cat >"$here/nginx/nginx.conf" <<END
daemon off;
worker_processes 2;
worker_rlimit_nofile $(ulimit -n);
pid $here/nginx/nginx.pid;
error_log $here/nginx/error.log warn;
events { worker_connections 15000; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 300s;
  client_body_temp_path $here/nginx/body; proxy_temp_path $here/nginx/proxy; fastcgi_temp_path $here/nginx/fastcgi;
  uwsgi_temp_path $here/nginx/uwsgi; scgi_temp_path $here/nginx/scgi;
  default_type application/json;
  server {
    listen 127.0.0.1:$nginx_port ssl backlog=4096;
    ssl_certificate $keys/server.pem;
    ssl_certificate_key $keys/server.key;
    ssl_client_certificate $keys/ca.pem;
    ssl_verify_client optional;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache off;
    ssl_session_tickets off;
    root $here/nginx/www;
  }
}
END
(($(id -u))) || sed -i '1i user root;' "$here/nginx/nginx.conf" # its workers must read build/

# --- starting and ending --------------------------------------------------------------------------------------------------

start_gatehouse() {
  "$gatehouse" serve --config "$here/gatehouse.yaml" >>"$here/gatehouse.log" 2>&1 9>&- &
  pid_of[gatehouse]=$!
  "$generator" await "$socket" && "$generator" await "$gatehouse_port" && return
  tail -n 20 "$here/gatehouse.log" >&2
  exit 1
}
start_nginx() {
  local program
  program=$(PATH=$PATH:/usr/sbin command -v nginx) || return 1
  "$program" -p "$here/nginx/" -c "$here/nginx/nginx.conf" >>"$here/nginx/out" 2>&1 9>&- &
  pid_of[nginx]=$!
  "$generator" await "$nginx_port"
}
port_of() { if [[ $1 == gatehouse ]]; then echo "$gatehouse_port"; else echo "$nginx_port"; fi; }
path_of() { if [[ $1 == gatehouse ]]; then echo /v1/users/role; else echo /role.json; fi; }

# --- what is measured ----------------------------------------------------------------------------------------------------

measure_requests() { # PEER
  local before after line out in load rate p50 p99
  holding "$generator" requests "$(port_of "$1")" "$keys/client" "$(path_of "$1")" 50 "$requests" || return 1
  before=$(cpu_ms "$1")
  release
  after=$(cpu_ms "$1")
  [[ -n $line ]] || {
    cat "$here/load.log" >&2
    return 1
  }
  read -r rate p50 p99 <<<"$line"
  keep "rest.rate.$1" "$rate"
  keep "rest.p50.$1" "$p50"
  keep "rest.p99.$1" "$p99"
  keep "rest.cpu.$1" "$(divide $(((after - before) * 1000)) "$requests" 2)"
}

measure_idle() { # PEER: on a process that has just started, and has served a few
  local before after line out in load
  "$generator" handshakes "$(port_of "$1")" "$keys/client" 1.3 20 >/dev/null || return 1
  before=$(pss_kib $(server_pids "$1"))
  holding "$generator" idle "$(port_of "$1")" "$keys/client" "$(path_of "$1")" "$idle" || return 1
  after=$(pss_kib $(server_pids "$1"))
  release
  keep "idle.$1" "$(divide $((after - before)) "$idle" 2)"
}

measure_start() {
  local begin end
  stop gatehouse
  begin=${EPOCHREALTIME/./}
  start_gatehouse
  end=${EPOCHREALTIME/./}
  keep start "$(((end - begin) / 1000))"
}

# --- the run --------------------------------------------------------------------------------------------------------------

echo "seeding, then $users users"
start_gatehouse
stop gatehouse
"$generator" fill "$here/state/gatehouse.db" "$users" || exit 1
lookup_line=""
for ((round = 1; round <= rounds; ++round)); do
  if lookup_line=$("$generator" lookups "$here/state/gatehouse.db" "$users" "$lookups"); then
    read -r p50 p99 <<<"$lookup_line"
    keep lookup.p50 "$p50"
    keep lookup.p99 "$p99"
  fi
done
start_gatehouse
for ((round = 1; round <= rounds; ++round)); do measure_start; done

body=$(curl -sS --fail --cacert "$keys/ca.pem" --cert "$keys/client.pem" --key "$keys/client.key" \
  "https://localhost:$gatehouse_port/v1/users/role" --resolve "localhost:$gatehouse_port:127.0.0.1") || {
  echo "the server does not answer its client" >&2
  exit 1
}
printf '%s' "$body" >"$here/nginx/www/role.json"
start_nginx || {
  stop nginx
  not_run "everything against nginx" "nginx did not start: $(tail -n 1 "$here/nginx/out" "$here/nginx/error.log" 2>/dev/null)"
}

for version in 1.3 1.2; do
  echo "handshakes, TLS $version"
  in_turn measure_handshakes "$version" || not_run "handshakes, TLS $version" "see above"
done
echo "requests"
in_turn measure_requests || not_run "requests" "see above"
echo "idle connections"
for ((round = 1; round <= idle_rounds; ++round)); do
  stop gatehouse
  start_gatehouse
  measure_idle gatehouse || not_run "idle connections" "see above"
  if [[ -n ${pid_of[nginx]:-} ]]; then
    stop nginx
    start_nginx
    measure_idle nginx || not_run "idle connections of nginx" "see above"
  fi
done

# --- the table ------------------------------------------------------------------------------------------------------------

{
  heading "$(PATH=$PATH:/usr/sbin nginx -v 2>&1 | sed 's/.*: //'); $users users"
  row "full mutual handshake, TLS 1.3: server CPU" ms hs1.3.cpu "ratio <= 1.0"
  row "full mutual handshake, TLS 1.2: server CPU" ms hs1.2.cpu "ratio <= 1.0"
  row "full mutual handshakes, TLS 1.3" /s hs1.3.rate ""
  row "full mutual handshakes, TLS 1.2" /s hs1.2.rate ""
  row "GET of ${#body} bytes with a client certificate, 50 kept connections" /s rest.rate "ratio >= 0.7"
  row "the same: server CPU" µs rest.cpu ""
  row "the same: median" ms rest.p50 ""
  row "the same: 99th percentile" ms rest.p99 ""
  row "idle connection with a client certificate: PSS, of $idle" KiB idle "<= 32 KiB"
  alone "lookup of a login: median" µs lookup.p50 "< 50 µs"
  alone "lookup of a login: 99th percentile" µs lookup.p99 ""
  alone "start, until the control socket answers" ms start "< 1000 ms"
} | tee "$here/table.md"
