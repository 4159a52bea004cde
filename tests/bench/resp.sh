# Read by run: the RESP half, against a redis-server that serves TLS itself.
# shellcheck shell=bash disable=SC2154

other=redis-server
gatehouse_port=$("$generator" free-port) redis_port=$("$generator" free-port)
cat >"$here/gatehouse.yaml" <<END
node: {name: localhost}
store: {path: state/gatehouse.db}
plugins: {directory: $plugins, load: [certificate, password, http_rest, resp]}
listeners: []
database_listeners: {address: 127.0.0.1}
engines: {directory: engines}
control: {socket: control.sock}
workers: 2
limits: {connections: 15000, connections_per_address: 15000}
provision: {files: ["provision/*.yaml"]}
END
cat >"$here/provision/bench.yaml" <<END
cluster: {mtls_certificate_authentication: true}
certificates:
  - {name: mtls_trusted_ca, certificate: {file: ../../keys/ca.pem}}
  - {name: proxy, certificate: {file: ../../keys/server.pem}, key: {file: ../../keys/server.key}}
redis_acls: [{name: everything, acl: "+@all ~*"}]
roles: [{name: bench, management: none}]
users:
  - {name: ada, auth_method: certificate, certificate_subject_line: "CN=ada, OU=dev, O=Example", roles: [bench]}
bdbs:
  - name: bench
    port: $gatehouse_port
    memory_size: 1073741824
    enforce_client_authentication: enabled
    data_persistence: aof
    aof_policy: appendfsync-every-sec
    roles_permissions: [{role: bench, redis_acl: everything}]
END
mkdir -p "$here/redis"
cat >"$here/redis/redis.conf" <<END
port 0
bind 127.0.0.1
tls-port $redis_port
tls-cert-file $keys/server.pem
tls-key-file $keys/server.key
tls-ca-cert-file $keys/ca.pem
tls-auth-clients yes
tls-session-caching no
io-threads 1
maxclients 15000
maxmemory 1073741824
maxmemory-policy volatile-lru
save ""
appendonly yes
appendfsync everysec
dir $here/redis
daemonize no
END

start_gatehouse() {
  "$gatehouse" serve --config "$here/gatehouse.yaml" >>"$here/gatehouse.log" 2>&1 9>&- &
  pid_of[gatehouse]=$!
  "$generator" await "$gatehouse_port" && ask gatehouse PING >/dev/null && return
  tail -n 20 "$here/gatehouse.log" >&2
  return 1
}
start_redis() {
  local program
  program=$(command -v redis-server) || return 1
  "$program" "$here/redis/redis.conf" >>"$here/redis/out" 2>&1 9>&- &
  pid_of[redis-server]=$!
  "$generator" await "$redis_port" && ask redis-server PING >/dev/null
}
port_of() { if [[ $1 == gatehouse ]]; then echo "$gatehouse_port"; else echo "$redis_port"; fi; }
as_client() { echo -h localhost -p "$(port_of "$1")" --tls --cacert "$keys/ca.pem" --cert "$keys/client.pem" --key "$keys/client.key"; }
ask() { # ask PEER WORDS...: until it answers, 10 seconds
  local i answer
  for ((i = 0; i < 100; ++i)); do
    answer=$(redis-cli $(as_client "$1") "${@:2}" 2>&1 </dev/null)
    [[ $answer != PONG && $answer != OK ]] || return 0
    sleep 0.1
  done
  echo "$1 answers: $answer" >&2
  return 1
}

# --- what is measured ----------------------------------------------------------------------------------------------------

measure_commands() { # get|set PIPELINE PEER
  local before after line fields
  before=$(cpu_ms "$3")
  line=$(redis-benchmark $(as_client "$3") -c 50 -n "$commands" -P "$2" -d 64 -r 10000 -t "$1" --csv 2>"$here/load.log" | tail -n 1)
  after=$(cpu_ms "$3")
  IFS=, read -r -a fields <<<"${line//\"/}" # test, rps, average, least, median, p95, p99, most
  ((${#fields[@]} == 8)) && [[ ${fields[1]} =~ ^[0-9.]+$ ]] || {
    cat "$here/load.log" >&2
    return 1
  }
  keep "$1.$2.rate.$3" "${fields[1]}"
  keep "$1.$2.p50.$3" "${fields[4]}"
  keep "$1.$2.p99.$3" "${fields[6]}"
  keep "$1.$2.cpu.$3" "$(divide $(((after - before) * 1000)) "$commands" 2)"
}

measure_logins() { # PEER: a handshake, ACL WHOAMI, the end
  local before after rate
  before=$(cpu_ms "$1")
  rate=$("$generator" handshakes "$(port_of "$1")" "$keys/client" 1.3 "$handshakes" resp) || return 1
  after=$(cpu_ms "$1")
  keep "login.cpu.$1" "$(divide $((after - before)) "$handshakes" 4)"
  keep "login.rate.$1" "$rate"
}

measure_idle() { # PEER: on a process that has just started, and has served a few; of Gatehouse the gateway alone
  local before after line out in load
  "$generator" handshakes "$(port_of "$1")" "$keys/client" 1.3 20 resp >/dev/null || return 1
  before=$(pss_kib "${pid_of[$1]}")
  holding "$generator" idle "$(port_of "$1")" "$keys/client" resp "$idle" || return 1
  after=$(pss_kib "${pid_of[$1]}")
  release
  keep "idle.$1" "$(divide $((after - before)) "$idle" 2)"
}

# --- the run --------------------------------------------------------------------------------------------------------------

resp_half() {
  start_gatehouse || {
    not_run "everything over RESP" "the gateway or its database did not start"
    return
  }
  start_redis || {
    stop redis-server
    not_run "everything against redis-server" "it did not start: $(tail -n 1 "$here/redis/out")"
  }
  local pipeline verb round commands_alone=$commands
  for pipeline in 1 16; do
    commands=$((pipeline == 1 ? commands_alone : commands_alone * 4))
    for verb in set get; do
      echo "$verb, $pipeline in a pipeline"
      in_turn measure_commands "$verb" "$pipeline" || not_run "$verb, $pipeline in a pipeline" "see above"
    done
  done
  echo "handshakes and logins"
  in_turn measure_handshakes 1.3 || not_run "handshakes" "see above"
  in_turn measure_logins || not_run "logins" "see above"
  echo "idle connections"
  for ((round = 1; round <= idle_rounds; ++round)); do
    stop gatehouse
    start_gatehouse && measure_idle gatehouse || not_run "idle connections" "see above"
    [[ -n ${pid_of[redis-server]:-} ]] || continue
    stop redis-server
    start_redis && measure_idle redis-server || not_run "idle connections of redis-server" "see above"
  done

  {
    heading "redis-server $(redis-server --version | sed 's/.*v=\([0-9.]*\).*/\1/')"
    for pipeline in 1 16; do
      for verb in get set; do
        row "${verb^^} of 64 bytes, 50 connections, $pipeline in a pipeline" /s "$verb.$pipeline.rate" \
          "ratio >= $( ((pipeline == 1)) && echo 0.65 || echo 0.75)"
        row "the same: CPU of a command" µs "$verb.$pipeline.cpu" "ratio <= $( ((pipeline == 1)) && echo 2.0 || echo 1.9)"
        row "the same: median" ms "$verb.$pipeline.p50" ""
        row "the same: 99th percentile" ms "$verb.$pipeline.p99" ""
      done
    done
    row "full mutual handshake, TLS 1.3: CPU" ms hs1.3.cpu ""
    row "the same with ACL WHOAMI: CPU" ms login.cpu ""
    row "the same with ACL WHOAMI" /s login.rate ""
    row "idle connection, logged in by its certificate: PSS, of $idle; the gateway's alone" KiB idle "<= 32 KiB"
  } | tee "$here/table.md"
}
resp_half
