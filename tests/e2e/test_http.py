# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface, judged by other people's clients: curl, nghttp, h2load, openssl."""
import json
import re
import subprocess

import pytest

from lib.waiting import PATIENCE, eventually


def tool(*words, **options):
    return subprocess.run(list(map(str, words)), capture_output=True, timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, **options)


@pytest.fixture
def api(server, nigh):
    """A server, a token for it, and curl ready to use them."""
    class Api:
        def __init__(self):
            self.server = server()
            self.base = f"https://127.0.0.1:{self.server.port}"
            self.token = nigh("token", "demo").stdout.decode().strip()

        def curl(self, path, *options, token=None):
            done = tool("curl", "-sk", "--http2", "-w", "\n%{http_code}", "-H",
                        f"Authorization: Bearer {token or self.token}", *options, self.base + path)
            assert done.returncode == 0, done.stderr
            body, _, status = done.stdout.decode().rpartition("\n")
            return int(status), json.loads(body)
    return Api()


def test_curl_runs_a_command(api):
    status, answer = api.curl("/v1/run", "-d", '{"argv":["sh","-c","cat; echo e >&2; exit 3"],"stdin":"in"}')
    assert status == 200
    assert (answer["exit"], answer["stdout"], answer["stderr"]) == (3, "in", "e\n")
    assert answer["seconds"] >= 0


def test_curl_asks_what_the_server_is(api):
    status, answer = api.curl("/v1/")
    assert status == 200
    assert answer["name"] == "nigh" and "run" in answer["features"]
    assert answer["tls"]["cipher"].startswith("TLS_")


def test_binary_output_and_signals_stand_in_json(api):
    status, answer = api.curl("/v1/run", "-d", '{"command":"printf \'\\\\377\'; kill -9 $$"}')
    assert status == 200
    assert answer["stdout_base64"] == "/w==" and answer["signal"] == "KILL" and answer["exit"] == 137


def test_frames_come_to_who_accepts_them(api):
    done = tool("curl", "-sk", "--http2", "-H", f"Authorization: Bearer {api.token}",
                "-H", "Accept: application/vnd.nigh.frames", "-d", '{"argv":["echo","hi"]}',
                api.base + "/v1/run")
    assert b"\x41\x00\x00\x00\x03hi\n" in done.stdout  # STDOUT
    assert re.search(rb"\x44\x00\x00\x00.\{\"code\":0\}$", done.stdout, re.S)  # EXIT


@pytest.mark.parametrize("body, says", [
    ("", "not valid JSON"), ("[]", "not a JSON object"), ("{}", "either"),
    ('{"argv":["x"],"pty":{}}', "unknown member"), ('{"argv":["no-such-program"]}', "no-such-program"),
])
def test_what_makes_no_sense_is_a_problem_document(api, body, says):
    status, problem = api.curl("/v1/run", "-d", body)
    assert status in (400, 404)
    assert problem["status"] == status and says in problem["detail"]
    assert problem["type"].startswith("urn:nigh:problem:")


def test_unknown_resources_and_methods(api):
    assert api.curl("/v2/")[0] == 404
    assert api.curl("/v1/", "-X", "DELETE")[0] == 405
    assert api.curl("/v1/run")[0] == 405


def test_too_large_a_request_is_refused(api, tmp_path):
    (tmp_path / "big").write_text('{"argv":["cat"],"stdin":"' + "x" * (5 << 20) + '"}')
    assert api.curl("/v1/run", "--data-binary", f"@{tmp_path / 'big'}")[0] == 413


def test_a_token_can_be_revoked_and_a_wrong_one_is_refused(api, nigh, home):
    assert api.curl("/v1/", token="root." + "A" * 43)[0] == 401
    assert api.curl("/v1/", token="x")[0] == 401
    made = nigh("token", "demo")
    token = made.stdout.decode().strip()
    assert api.curl("/v1/", token=token)[0] == 200
    token_id = re.search(rb"\b[0-9a-f]{12}\b", made.stderr).group().decode()
    assert nigh("token", "demo", "--revoke", token_id).returncode == 0
    assert api.curl("/v1/", token=token)[0] == 401
    stored = (home.root / ".local/state/nigh/tokens").read_text()
    assert api.token not in stored and api.token.rpartition(".")[2] not in stored


def test_a_token_expires(api, nigh):
    token = nigh("token", "demo", "--for", "1s").stdout.decode().strip()
    eventually(lambda: api.curl("/v1/", token=token)[0] == 401, "the end of the token")


def test_a_token_has_the_rights_of_its_key_and_no_more(api, home):
    assert api.curl("/v1/")[0] == 200
    home.authorized_keys.write_text("")
    assert api.curl("/v1/")[0] == 401
    home.authorized_keys.write_text('command="echo forced" ' + home.public_key.read_text())
    assert api.curl("/v1/run", "-d", '{"argv":["uname"]}')[1]["stdout"] == "forced\n"
    status, problem = api.curl("/v1/tokens", "-X", "POST")
    assert status == 403, problem


def test_a_token_cannot_make_another(api):
    assert api.curl("/v1/tokens", "-X", "POST")[0] == 403


def test_without_credentials_there_is_only_401(server):
    one = server()
    done = tool("curl", "-sik", "--http2", f"https://127.0.0.1:{one.port}/v1/")
    assert b"HTTP/2 401" in done.stdout and b"www-authenticate: SSHSIG, Bearer" in done.stdout


def test_nghttp_and_h2load_find_nothing_wrong(api):
    done = tool("nghttp", "-nv", "-H", f"authorization: Bearer {api.token}", api.base + "/v1/")
    assert b":status: 200" in done.stdout and b"SETTINGS_ENABLE_CONNECT_PROTOCOL(0x08):1" in done.stdout
    done = tool("h2load", "-c10", "-m20", "-n2000", "-H", f"authorization: Bearer {api.token}",
                api.base + "/v1/")
    assert b"2000 succeeded, 0 failed, 0 errored" in done.stdout, done.stdout


def test_openssl_sees_tls_1_3_and_h2_only(server):
    address = f"127.0.0.1:{server().port}"
    seen = tool("openssl", "s_client", "-connect", address, "-alpn", "h2")
    assert b"TLSv1.3" in seen.stdout and b"ALPN protocol: h2" in seen.stdout
    assert b"Compression: NONE" in seen.stdout
    old = tool("openssl", "s_client", "-connect", address, "-alpn", "h2", "-tls1_2")
    assert old.returncode != 0 and b"alert protocol version" in old.stderr
    other = tool("openssl", "s_client", "-connect", address, "-alpn", "http/1.1")
    assert b"no application protocol" in other.stderr


def test_http_1_is_not_spoken(server):
    done = tool("curl", "-sk", "--http1.1", f"https://127.0.0.1:{server().port}/v1/")
    assert done.returncode != 0
