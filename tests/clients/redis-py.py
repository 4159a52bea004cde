#!/usr/bin/python3
"""redis-py through Gatehouse: what applications do with it, under a client certificate and under a password."""
import os
import re
import subprocess
import sys
import threading

import redis

FOLDER = os.environ["CLIENTS_FOLDER"]
PORT, OPEN_PORT = int(os.environ["CLIENTS_PORT"]), int(os.environ["CLIENTS_OPEN_PORT"])
PASSWORD = os.environ["CLIENTS_PASSWORD"]
ENDED = "reset|closed|broken pipe|alert|eof"
tests = []


def client(who=None, port=PORT, **options):
    """A client whose certificate is who's, or without one. It connects with its first command."""
    if who:
        options.update(ssl_certfile=f"{FOLDER}/{who}.pem", ssl_keyfile=f"{FOLDER}/{who}.key")
    return redis.Redis("localhost", port, ssl=True, ssl_ca_certs=f"{FOLDER}/proxy.pem", ssl_check_hostname=True,
                       socket_timeout=15, **options)


def test(body):
    tests.append(body)
    return body


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"{got!r:.200} instead of {wanted!r:.200}")


def refused(pattern, call, *words):
    try:
        value = call(*words)
    except (redis.RedisError, OSError) as error:
        # The library takes the first word off errors that it has a class for.
        text = f"{type(error).__name__} {error}"
        if not re.search(pattern, text, re.IGNORECASE):
            raise AssertionError(f"refused by {text!r} instead of {pattern!r}") from error
        return
    raise AssertionError(f"not refused: {value!r}")


@test
def a_certificate_comes_in_without_auth():
    equal(client("ada").acl_whoami(), "ada")


@test
def set_and_get_a_mebibyte_too():
    ada, value = client("ada"), "é\r\n$5".encode() * 200_000
    equal(ada.set("app:redis-py:big", value), True)
    equal(ada.get("app:redis-py:big"), value)


@test
def a_pipeline_of_a_thousand_keeps_its_order():
    pipeline = client("ada").pipeline(transaction=False)
    for i in range(1000):
        pipeline.echo(i)
    equal(pipeline.execute(), [str(i).encode() for i in range(1000)])


@test
def multi_and_exec():
    pipeline = client("ada").pipeline(transaction=True)
    pipeline.set("app:redis-py:n", 1).incr("app:redis-py:n").get("app:redis-py:n")
    equal(pipeline.execute(), [True, 2, b"2"])


@test
def messages_on_a_channel_that_is_granted():
    ada, reader = client("ada"), client("ada").pubsub(ignore_subscribe_messages=True)
    reader.subscribe("app:redis-py:news")
    while reader.get_message(timeout=0.2):  # the answer to SUBSCRIBE
        pass
    while ada.publish("app:redis-py:news", "hello") != 1:
        pass
    message = None
    while not message:
        message = reader.get_message(timeout=1)
    equal((message["channel"], message["data"]), (b"app:redis-py:news", b"hello"))

    def listen():
        elsewhere = client("ada").pubsub()
        elsewhere.subscribe("secret:news")
        return elsewhere.get_message(timeout=5)

    refused("NoPermission", listen)


@test
def a_blocking_pop_is_served_by_another_connection():
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(client("ada").blpop("app:redis-py:jobs", 10)))
    waiting.start()
    client("ada").rpush("app:redis-py:jobs", "one")
    waiting.join()
    equal(answers, [(b"app:redis-py:jobs", b"one")])


@test
def what_the_role_does_not_allow_is_refused_and_the_connection_goes_on():
    ada = client("ada", single_connection_client=True)
    refused("NoPermission", ada.config_get, "dir")
    refused("NoPermission", ada.get, "other:key")
    equal(ada.ping(), True)
    reader = client("reader")
    refused("NoPermission", reader.set, "app:redis-py:n", 9)
    equal(reader.get("app:redis-py:n"), b"2")


@test
def a_certificate_user_has_no_auth():
    refused("WRONGPASS|AuthenticationError", client("ada").execute_command, "AUTH", "ada", "x")


@test
def nobodys_certificate_may_do_nothing():
    refused("Authentication", client("stranger").get, "app:x")


@test
def another_cas_certificate_and_none_are_refused_at_the_handshake():
    refused(ENDED, client("impostor").ping)
    refused(ENDED, client().ping)


@test
def a_password_where_no_certificate_is_demanded():
    equal(client(port=OPEN_PORT, username="job", password=PASSWORD).acl_whoami(), "job")
    refused("WRONGPASS|Authentication", client(port=OPEN_PORT, username="job", password="wrong").ping)


@test
def it_comes_back_by_itself_after_a_restart_of_the_gateway_and_the_data_is_there():
    lasting = client("ada", retry_on_error=[redis.ConnectionError])
    lasting.set("app:redis-py:kept", "yes")
    lasting.pipeline(transaction=True).set("app:redis-py:kept-too", "yes").incr("app:redis-py:kept-count").execute()
    subprocess.run([f"{FOLDER}/restart"], check=True, stdin=subprocess.DEVNULL)
    equal(lasting.mget("app:redis-py:kept", "app:redis-py:kept-too", "app:redis-py:kept-count"), [b"yes", b"yes", b"1"])
    equal(lasting.acl_whoami(), "ada")


failures = 0
for body in tests:
    name = body.__name__.replace("_", " ")
    try:
        body()
        print(f"ok      {name}", flush=True)
    except Exception as error:  # whatever it was, the others run
        failures += 1
        print(f"not ok  {name}: {error}", flush=True)
print("NOT RUN RESP3: this version speaks RESP2 only")
sys.exit(failures > 0)
