# Read by packaging/quickstart: throw-away keys, and steps that are shown with their answers. `here` is the folder of everything.
# shellcheck shell=bash disable=SC2154

wrong=0 # answers that were not the expected ones

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '\n%s\n' "$*"; }

# --- keys ------------------------------------------------------------------------------------------------------------------

quietly() { "$@" 2>"$here/openssl.log" || { cat "$here/openssl.log" >&2; exit 1; }; }

make_ca() { # make_ca NAME SUBJECT: NAME.pem and NAME.key
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "$2" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout "$here/$1.key" -out "$here/$1.pem"
}

make_client() { # make_client CERTIFICATE KEY CA SUBJECT
  quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$4" -keyout "$here/$2" -out "$here/csr"
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n' >"$here/ext"
  quietly openssl x509 -req -in "$here/csr" -CA "$here/$3.pem" -CAkey "$here/$3.key" -set_serial "0x$(openssl rand -hex 8)" \
    -days 30 -extfile "$here/ext" -out "$here/$1"
  rm "$here/csr" "$here/ext"
}

# --- steps -----------------------------------------------------------------------------------------------------------------

shown() { # the words as they can be pasted
  local word out=""
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]]; then
      out+=" $word"
    else
      out+=" '${word//\'/\'\\\'\'}'"
    fi
  done
  printf '%s\n' "${out# }"
}

unexpected() {
  echo "!! expected $*"
  wrong=$((wrong + 1))
}

# expect STATUS TEXT curl...: runs it, prints it with its answer, and compares. STATUS `refused`: the connection must end without
# an answer; `alert`: the handshake must end with an alert.
expect() {
  local status=$1 text=$2 got code=0
  shift 2
  printf '$ '
  shown "$@"
  : >"$here/answer"
  got=$("$@" -sS --max-time 20 -o "$here/answer" -w '%{http_code}' 2>"$here/curl.log") || code=$?
  if ((code != 0)); then
    cat "$here/curl.log"
    case $status:$code in
      refused:35 | refused:55 | refused:56) got=refused ;;
      alert:35) grep -qi alert "$here/curl.log" && got=alert ;;
    esac
  else
    echo "HTTP $got"
    if (($(wc -c <"$here/answer") > 1600)); then
      printf '%s...\n' "$(head -c 1600 "$here/answer")"
    else
      [[ ! -s $here/answer ]] || printf '%s\n' "$(<"$here/answer")"
    fi
  fi
  if [[ $got != "$status" ]] || { [[ -n $text ]] && ! grep -qF -- "$text" "$here/answer"; }; then
    unexpected "$status${text:+ with $text}"
  fi
}

# expect_reply PATTERN redis-cli...: runs it, prints it with what it says, and compares. Nothing is read from the terminal.
expect_reply() {
  local pattern=$1 status=0
  shift
  printf '$ '
  shown "$@"
  timeout 20 "$@" </dev/null >"$here/reply" 2>&1 || status=$?
  printf '%s\n' "$(<"$here/reply")"
  ((status != 124)) || echo "(no answer in 20 seconds)"
  grep -qE -- "$pattern" "$here/reply" || unexpected "$pattern"
}

# expect_exit STATUS PATTERN COMMAND...: runs it, prints it with what it says and its exit code, and compares both.
expect_exit() {
  local status=$1 pattern=$2 got=0
  shift 2
  printf '$ '
  shown "$@"
  timeout 20 "$@" </dev/null >"$here/said" 2>&1 || got=$?
  printf '%s\n' "$(<"$here/said")"
  echo "exit code $got"
  if ((got != status)) || ! grep -qE -- "$pattern" "$here/said"; then unexpected "exit code $status and $pattern"; fi
}

# numbered NAME: the first number of that name in the last answer.
numbered() { grep -oE "\"$1\": *[0-9]+" "$here/answer" | grep -oE '[0-9]+' | head -n 1 || true; }

json() { printf '%s\n' "$2" >"$here/$1"; } # json FILE BODY

# certificate NAME FILE: takes a certificate out of the last answer.
certificate() {
  sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$here/answer" | sed 's/\\n/\n/g' >"$here/$2"
  echo "(its $1 is now $here/$2)"
}
