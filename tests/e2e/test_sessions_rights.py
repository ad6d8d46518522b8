# SPDX-License-Identifier: Apache-2.0
"""Who may do what with a session: tokens, keys and their options."""

import pytest

from lib.attachment import HANGUP, STDIN_EOF, Attachment, Refused
from lib.waiting import eventually
from lib.world import TERMINAL


def test_a_resume_token_is_good_for_its_attachment_and_nothing_else(world):
    mine = Attachment.start(world.connect(), ["cat"], name="mine")
    other = Attachment.start(world.connect(), ["cat"], name="other")
    token = mine.token
    for method, path in (("GET", "/v1/sessions"), ("GET", f"/v1/sessions/{other.session}"),
                         ("DELETE", f"/v1/sessions/{other.session}"), ("POST", "/v1/tokens"),
                         ("POST", "/v1/run"), ("GET", "/v1/files/etc/hostname")):
        with world.connect(token) as connection:
            body = b'{"argv":["id"]}' if path == "/v1/run" else b"" if method == "POST" else None
            status, problem = connection.ask(method, path, body)
        assert status == 403 and mine.session in problem["detail"], (method, path)
    for attempt in (lambda link: Attachment.start(link, ["id"]),
                    lambda link: Attachment.attach(link, other.session)):
        with pytest.raises(Refused) as refused:
            attempt(world.connect(token))
        assert refused.value.status == 403
    with pytest.raises(Refused, match="token"):
        Attachment.attach(world.connect(token), mine.session)
    assert world.ask("GET", f"/v1/sessions/{mine.session}", token)[0] == 200
    for one in (mine, other):
        one.say(STDIN_EOF)
        one.until_exit()


def test_a_token_of_one_attachment_does_not_resume_another(world):
    mine = Attachment.start(world.connect(), ["cat"])
    other = Attachment.attach(world.connect(), mine.session, read_only=True)
    other.number, number = mine.number, other.number
    assert number != mine.number
    with pytest.raises(Refused, match="another attachment"):
        other.resume(world.connect(other.token))
    mine.say(STDIN_EOF)
    mine.until_exit()


def test_forged_and_expired_tokens_are_refused(world):
    client = Attachment.start(world.connect(), ["cat"])
    token = client.token
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "nigh_r_" + "A" * 43, token + "A"):
        assert world.ask("GET", "/v1/", forged)[0] == 401
    (stored,) = (world.sessions / client.session / "resume").iterdir()
    assert token[7:] not in stored.name + stored.read_text()
    assert stored.stat().st_mode & 0o777 == 0o600
    client.say(STDIN_EOF)
    client.until_exit()
    eventually(lambda: world.ask("GET", "/v1/", token)[0] == 401, "the end of the token")


def test_a_resume_token_goes_with_the_key_that_made_it(world):
    client = Attachment.start(world.connect(), ["cat"])
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text('from="192.0.2.0/24" ' + keys)
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    world.home.authorized_keys.write_text("")
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    world.home.authorized_keys.write_text(keys)
    client.resume(world.connect(client.token))
    client.say(STDIN_EOF)
    client.until_exit()


def test_a_bearer_token_that_is_revoked_takes_the_resume_tokens_along(world):
    made = world.run("token", "s1")
    token, number = made.stdout.decode().strip(), made.stderr.decode().split()
    client = Attachment.start(world.connect(token), ["cat"], keep=True)
    number = next(word.strip(".,:()") for word in number if len(word.strip(".,:()")) == 12)
    assert world.run("token", "s1", "--revoke", number).returncode == 0
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    client.say(STDIN_EOF)
    client.until_exit()


def test_a_restricted_key_has_sessions_of_its_own_only(world):
    other = Attachment.start(world.connect(), ["cat"], name="other")
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text('command="cat" ' + keys)
    mine = Attachment.start(world.connect(), ["id"])
    for method, path in (("GET", "/v1/sessions"), ("GET", f"/v1/sessions/{other.session}"),
                         ("DELETE", f"/v1/sessions/{other.session}"), ("GET", f"/v1/sessions/{mine.session}")):
        assert world.ask(method, path)[0] == 403, (method, path)
    with pytest.raises(Refused) as refused:
        Attachment.attach(world.connect(), other.session)
    assert refused.value.status == 403
    mine.type(b"forced\n")
    mine.until_out(b"forced\n")
    mine.stream.connection.cut()
    mine.resume(world.connect(mine.token))
    for one in (mine, other):
        one.say(STDIN_EOF)
        assert one.until_exit() == {"code": 0}


def test_a_key_without_a_terminal_reaches_no_terminal(world):
    shell = Attachment.start(world.connect(), ["cat"], **TERMINAL)
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text("no-pty " + keys)
    for attempt in (lambda link: Attachment.start(link, ["cat"], **TERMINAL),
                    lambda link: Attachment.attach(link, shell.session)):
        with pytest.raises(Refused) as refused:
            attempt(world.connect())
        assert refused.value.status == 403
    shell.say(HANGUP)
    shell.until_exit()
