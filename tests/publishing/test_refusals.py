"""Each way in which Redis refuses is one line that says what to do."""

from __future__ import annotations

import datetime
import ipaddress
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cookietrace.cli import cookietrace_command
from cookietrace.errors import CaptureError
from cookietrace.redact import redacted
from cookietrace.stores import START, events_of, open_store
from cookietrace.stores.redis_streams.address import PASSWORD, parse_redis_url
from cookietrace.stores.redis_streams.keys import INDEX, events_key, start_key, state_key
from cookietrace.stores.redis_streams.opening import published
from cookietrace.trace import fold
from tests.ports import FreePort
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local, fresh_name, told
from tests.redis_server import RedisServer
from tests.verdict_stories import rich

READER = "~cookietrace:* +xread +xrevrange +xrange +hgetall +hget +exists +time +zrevrange"
WRITER = (
    f"{READER} +xadd +xtrim +xinfo +hset +del +zadd +zrem +zremrangebyrank "
    "+watch +unwatch +multi +exec"
)
"""The rights that docs/REDIS.md lists."""


def published_story(recorded: Recorded, server: RedisServer) -> Local:
    """Return a capture that is published whole."""
    local = recorded(rich(), server=server)
    local.record()
    assert local.publish()
    return local


@pytest.fixture
def accounts(redis_server: RedisServer) -> Iterator[RedisServer]:
    """The shared server with a reader and a writer, whose rights are those of the docs."""
    with redis_server.client() as client:
        client.execute_command("ACL", "SETUSER", "ct-reader", "on", ">read-pass", *READER.split())
        client.execute_command("ACL", "SETUSER", "ct-writer", "on", ">write-pass", *WRITER.split())
        yield redis_server
        client.execute_command("ACL", "DELUSER", "ct-reader", "ct-writer")


def test_the_listed_rights_are_enough(
    accounts: RedisServer, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The writer publishes, and the reader reads and lists, with the password of a file."""
    secret = tmp_path / "password"
    secret.write_text("write-pass\n")
    url = accounts.url(fresh_name(), user="ct-writer", password_file=str(secret))
    local = recorded(rich(), url=url)
    local.record()
    assert local.publish()
    local.publisher.beat()
    local.publisher.end()
    monkeypatch.setenv(PASSWORD, "read-pass")
    name = parse_redis_url(url).name
    reading = accounts.url(name, user="ct-reader")
    with closing(open_store(reading)) as store:
        assert told(fold(events_of(store))) == told(local.trace())
        assert store.ahead(START) > 0
        assert not store.wait(store.read(START, 1000).position, 0.01)
        assert store.first().startswith("^")
    assert name in [each.name for each in published(parse_redis_url(reading))]
    denied = recorded(rich(), url=accounts.url(fresh_name(), user="ct-reader"))
    denied.record()
    with pytest.raises(CaptureError, match="the user 'ct-reader' has no permission"):
        denied.publish()


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("ct-reader", "wrong", "wrong password for the user 'ct-reader'"),
        ("nobody", "wrong", "wrong password for the user 'nobody'"),
        (None, "wrong", "this Redis has no password: unset COOKIETRACE_REDIS_PASSWORD"),
    ],
)
def test_a_wrong_password_is_one_line(
    user: str | None,
    password: str,
    said: str,
    accounts: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says whose it is and where it comes from, and never repeats it."""
    monkeypatch.setenv(PASSWORD, password)
    url = accounts.url("any", **({"user": user} if user else {}))
    with pytest.raises(CaptureError) as error:
        open_store(url)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert password not in str(error.value).replace("wrong password", "")


def test_a_password_is_asked_for(own_redis_server: RedisServer) -> None:
    """Without one, the line says where to put it."""
    with own_redis_server.client() as client:
        client.config_set("requirepass", "a-pass")
    with pytest.raises(CaptureError, match=f"requires a password: set {PASSWORD}"):
        open_store(own_redis_server.url("any"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:pw@host/0?capture=a", "a password on the command line can be seen"),
        ("redis://u:pw@host/0?capture=a", "a password on the command line can be seen"),
        ("redis://host/0?password=pw", "a password on the command line can be seen"),
        ("redis://host/0?capture=a&what=1", "no parameter 'what'"),
        ("redis://host/0?capture=a&capture=b", "each parameter once"),
        ("redis://host/x?capture=a", "is not the number of a database"),
        ("redis:///0", "not the URL of a Redis server"),
        ("redis://host:99999/0", "not the URL of a Redis server"),
        ("redis+unix://host/s", "write the URL of a Unix socket with its full path"),
        ("redis://host/0?capture=a%20b", "cannot be the name of a capture"),
        ("redis://host/0?capture=a}b", "cannot be the name of a capture"),
        ("redis://host/0?capture=a&password_file=/nowhere/p", "password file /nowhere/p cannot be"),
        ("redis://host/0?capture=a&ca=/x", "they need a URL that begins with rediss://"),
        ("rediss://host/0?capture=a&ca=/nowhere/ca", "/nowhere/ca cannot be read"),
        ("redis://host/0", "does not name one capture: add ?capture=NAME"),
    ],
)
def test_a_wrong_url_is_one_line(url: str, said: str) -> None:
    """Nothing is connected to, and a password in it is not repeated."""
    result = CliRunner().invoke(cookietrace_command, ["explain", url])
    assert isinstance(result.exception, CaptureError)
    line = str(result.exception)
    assert said in line
    assert "\n" not in line
    assert "pw" not in line.replace("?password_file", "")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("redis://h/3?capture=a", "redis://h:6379/3"),
        ("redis://h?db=3&capture=a", "redis://h:6379/3"),
        ("redis://[::1]:1/0?capture=a", "redis://[::1]:1"),
        ("redis+unix:///run/r?db=3&capture=a", "redis+unix:///run/r?db=3"),
        ("redis+unix:///run/r?capture=a", "redis+unix:///run/r"),
    ],
)
def test_messages_name_the_database(url: str, server: str) -> None:
    """What they name can be given to a command, and means the same."""
    address = parse_redis_url(url)
    assert address.server == server
    assert parse_redis_url(str(address)) == address
    assert parse_redis_url(server) == msgspec.structs.replace(address, capture=None)


def test_another_programs_keys_are_named(redis_server: RedisServer, recorded: Recorded) -> None:
    """Keys of another type, and of our type with other content, are refused and left alone."""
    name = fresh_name()
    url = redis_server.url(name)
    with redis_server.client() as client:
        client.set(start_key(name), "x")
        with pytest.raises(CaptureError, match="the capture's key in Redis for something else"):
            open_store(url)
        local = recorded(rich(), url=url)
        local.record()
        with pytest.raises(CaptureError, match="for something else"):
            local.publish()
        client.delete(start_key(name))
        client.hset(start_key(name), mapping={"a": "b"})
        with pytest.raises(CaptureError, match="its start is damaged"):
            open_store(url)
        client.delete(start_key(name))
        assert local.publish()
        client.xadd(events_key(name), {"hello": "there"}, id="9000-1")
        with pytest.raises(CaptureError, match="an entry that cookietrace did not write"):
            local.read()


@pytest.mark.parametrize(
    "fields",
    [
        {"e": "{", "p": "1"},
        {"e": '{"type":"request"}', "p": "1"},
        {"e": "\x9b31m", "p": "1"},
        {"e": '{"type":"recorder","at":1,"state":"gap"}', "p": "-1"},
        {"e": '{"type":"recorder","at":1,"state":"gap"}', "p": "9" * 30},
        {"e": '{"type":"recorder","at":1,"state":"gap"}'},
    ],
)
def test_entries_are_checked(
    fields: dict[str, str], redis_server: RedisServer, recorded: Recorded
) -> None:
    """What is no event, or no position, is one line without anything that acts on a terminal."""
    local = published_story(recorded, redis_server)
    name = parse_redis_url(local.url).name
    with redis_server.client() as client:
        client.xadd(events_key(name), fields, id="9000-0")
    with pytest.raises(CaptureError, match=f"capture={name} holds an") as error:
        local.read()
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("heartbeat", "inf"),
        ("heartbeat", "nan"),
        ("clock", "1e300"),
        ("started", "-inf"),
        ("every", "0"),
        ("every", "nan"),
        ("local", "9" * 4000),
        ("lost", "-5"),
        ("position", "-1"),
    ],
)
def test_numbers_of_a_state_are_checked(
    field: str, value: str, redis_server: RedisServer, recorded: Recorded
) -> None:
    """A time or a count that cannot be is one line, of one capture and of a pattern."""
    local = published_story(recorded, redis_server)
    name = parse_redis_url(local.url).name
    with redis_server.client() as client:
        client.hset(state_key(name), field, value)
    for url in (local.url, redis_server.url(f"{name}*")):
        result = CliRunner().invoke(cookietrace_command, ["check", url])
        assert isinstance(result.exception, CaptureError)
        assert "its state is damaged" in str(result.exception)


def test_a_state_of_another_type_is_one_line(redis_server: RedisServer, recorded: Recorded) -> None:
    """Also if the command was one of several: Redis' words for it are not repeated."""
    local = published_story(recorded, redis_server)
    with redis_server.client() as client:
        key = state_key(parse_redis_url(local.url).name)
        client.delete(key)
        client.set(key, "x")
    with pytest.raises(CaptureError, match=r"for something else$"):
        open_store(local.url)


def test_a_damaged_state_is_listed(redis_server: RedisServer) -> None:
    """The listing continues with the other captures; odd names are left out."""
    name = fresh_name()
    with redis_server.client() as client:
        client.zadd(INDEX, {name: 1.0, "\x1b[31m": 2.0, f"{name}-gone": 3.0, f"{name}-odd": 4.0})
        client.hset(state_key(name), mapping={"format": "1", "position": "x"})
        client.set(state_key(f"{name}-odd"), "x")
        result = CliRunner().invoke(
            cookietrace_command, ["captures", "list", f"redis+unix://{redis_server.socket}"]
        )
        client.delete(INDEX)
    assert result.exit_code == 0
    assert f"  {name}  cannot be read: " in result.output
    assert "its state is damaged" in result.output
    assert f"  {name}-gone  cannot be read: " in result.output
    assert "was deleted from Redis" in result.output
    assert f"  {name}-odd  cannot be read: " in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"maxmemory": "1", "maxmemory-policy": "noeviction"}, "Redis is full (maxmemory)"),
        ({"min-replicas-to-write": "3"}, "Redis refused a command (NOREPLICAS"),
    ],
)
def test_a_server_that_takes_nothing_now(
    settings: dict[str, str], said: str, own_redis_server: RedisServer, recorded: Recorded
) -> None:
    """What was recorded is published once the server takes it again."""
    local = published_story(recorded, own_redis_server)
    local.store.append(local.store.read(START, 1000).events[1:2])
    with own_redis_server.client() as client:
        before = {name: client.config_get(name)[name] for name in settings}
        for name, value in settings.items():
            client.config_set(name, value)
        assert not local.publish()
        assert local.said[0] is not None
        assert said in local.said[0]
        for name, value in before.items():
            client.config_set(name, value)
    assert local.publish()


def test_a_replica_is_read_only(own_redis_server: RedisServer, recorded: Recorded) -> None:
    """A publisher waits for another primary; a viewer may read there."""
    local = published_story(recorded, own_redis_server)
    whole = local.read()
    with own_redis_server.client() as client:
        client.execute_command("CONFIG", "SET", "replica-serve-stale-data", "yes")
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        local.store.append([whole[1]])
        assert not local.publish()
        assert local.said[0] is not None
        assert "this Redis is a replica" in local.said[0]
        assert local.read() == whole
        client.execute_command("REPLICAOF", "NO", "ONE")
    assert local.publish()


def test_the_package_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, a line says how to install it; everything else works."""
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(CaptureError, match=r"need the extra redis, which is not installed"):
        open_store("redis://127.0.0.1/0?capture=a")


def test_a_port_where_nobody_listens(free_port: FreePort) -> None:
    """A command says that the server cannot be reached."""
    with pytest.raises(CaptureError, match="Redis cannot be reached"):
        open_store(f"redis://127.0.0.1:{free_port()}/0?capture=a")


# --- TLS


Authority = tuple[x509.Name, ec.EllipticCurvePrivateKey]


def certify(folder: Path, name: str, issuer: Authority | None) -> Authority:
    """Write a certificate and its key, signed by the issuer or by itself; return who it is."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed_by = issuer or (subject, key)
    names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        # Python 3.13 takes no chain without these (RFC 5280 4.2.1).
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by[1].public_key()),
            critical=False,
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=issuer is None,
                crl_sign=issuer is None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(signed_by[1], hashes.SHA256())
    )
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return subject, key


def test_tls(free_port: FreePort, recorded: Recorded, tmp_path: Path) -> None:
    """With the CA's file and a client's certificate; without either, one line."""
    authority = certify(tmp_path, "ca", None)
    for name in ("server", "client"):
        certify(tmp_path, name, authority)
    certify(tmp_path, "other", None)
    port = free_port()
    settings = [
        *("--tls-port", str(port)),
        *("--tls-cert-file", str(tmp_path / "server.crt")),
        *("--tls-key-file", str(tmp_path / "server.key")),
        *("--tls-ca-cert-file", str(tmp_path / "ca.crt")),
    ]
    base = f"rediss://127.0.0.1:{port}/0?capture=tls"
    client = f"cert={tmp_path / 'client.crt'}&key={tmp_path / 'client.key'}"
    whole = f"{base}&ca={tmp_path / 'ca.crt'}&{client}"
    with RedisServer(more=settings):
        local = recorded(rich(), url=whole)
        local.record()
        assert local.publish()
        assert told(local.trace()) == told(fold(redacted(rich().events)))
        for url in (
            base,
            f"{base}&ca={tmp_path / 'other.crt'}&{client}",
            f"{base}&ca={tmp_path / 'ca.crt'}",
        ):
            with pytest.raises(CaptureError, match=r"no TLS connection|cannot be reached") as error:
                open_store(url)
            assert "\n" not in str(error.value)
