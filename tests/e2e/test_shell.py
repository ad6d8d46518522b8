# SPDX-License-Identifier: Apache-2.0
"""nigh HOST at a terminal: a shell that behaves as one here, and the keys that speak to nigh."""
import hashlib
import os
import pathlib
import pwd
import signal
import termios

import pexpect
import pytest

from lib.link import Link
from lib.terminal import expect_end
from lib.waiting import eventually

PROMPT = "ready> "
pytestmark = pytest.mark.usefixtures("sessions")


@pytest.fixture
def shell(server, terminal):
    """shell(*options, …) -> pexpect child with a shell that has printed PROMPT."""
    server()

    def start(*options, host="demo", **how):
        child = terminal("shell", *options, host, **how)
        child.sendline(f"PS1={PROMPT[:3]}''{PROMPT[3:]!r}")
        child.expect_exact(PROMPT)
        return child
    return start


def test_a_login_shell_runs_commands_and_ends_with_its_status(server, terminal):
    server()
    child = terminal("demo")
    child.sendline("echo $((6*7)); echo $0; exit 3")
    child.expect_exact("42\r\n")
    expect_end(child, 3)


def test_it_is_a_login_shell_that_reads_the_profile(server, terminal, nigh, home, sessions):
    server()
    (home.root / ".profile").write_text("MARK=profile\n")
    shell = "-" + pathlib.Path(pwd.getpwuid(os.getuid()).pw_shell).name
    child = terminal("demo")
    child.sendline("echo $0 is $MARK")
    child.expect_exact(f"{shell} is profile\r\n")
    assert sessions()[0]["command"] == shell and b"login shell" in nigh("sessions", "demo").stdout
    child.sendline("exit")
    expect_end(child, 0)
    done = nigh("demo", input=b"echo $0 is $MARK")
    assert (done.returncode, done.stdout) == (0, f"{shell} is profile\n".encode())


def test_the_terminal_there_is_like_the_one_here(server, terminal, home):
    server()
    home.env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_TIME": "C", "SECRET": "x"}
    child = terminal("demo", dimensions=(33, 77))
    child.sendline("stty size; echo $TERM $COLORTERM $LANG $LC_TIME-$SECRET; tty; exit")
    child.expect_exact("33 77\r\nxterm-256color truecolor C.UTF-8 C-\r\n/dev/pts/")
    expect_end(child, 0)


def test_a_resized_window_is_resized_there(server, terminal):
    server()
    child = terminal("demo", "trap 'stty size; exit 5' WINCH; echo up; while :; do sleep 0.1; done")
    child.expect_exact("up\r\n")
    child.setwinsize(41, 99)
    child.expect_exact("41 99\r\n")
    expect_end(child, 5)


def test_all_words_after_the_host_are_one_line_for_the_shell(server, terminal):
    server()
    child = terminal("demo", "echo", "$((40+2))", "|", "tr 4 5;", "tty;", "exit", "4")
    child.expect_exact("52\r\n/dev/pts/")
    expect_end(child, 4)


def test_without_a_terminal_it_is_like_run(server, nigh):
    server()
    done = nigh("demo", input=b"echo out; echo err >&2; tty; exit 5")
    assert (done.returncode, done.stderr) == (5, b"err\n")
    assert done.stdout == b"out\nnot a tty\n"
    done = nigh("demo", "cat; exit 2", input=b"binary \0\xff")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"binary \0\xff", b"")
    done = nigh("shell", "--name", "work", "demo")
    assert done.returncode == 255 and b"--name needs a terminal" in done.stderr


def test_a_word_near_to_a_command_is_a_host_if_it_is_known(server, nigh, home):
    server(name="db", trust=False)  # near to `du`
    assert nigh("--accept-new", "db", "echo in").stdout == b"in\n"
    assert nigh("db", "echo in").stdout == b"in\n"  # the configuration says where it is
    home.config_file.write_text("")
    done = nigh("dv", "echo in")
    assert done.returncode == 2 and b"did you mean mv? If it is a host: nigh shell dv" in done.stderr
    with (home.ssh / "config").open("w") as config:
        config.write("Host dv\n  HostName 127.0.0.1\n")
    assert nigh("dv", "echo in").returncode == 255  # nobody listens at its port
    home.known_hosts.write_text(f"[dw]:7722 {home.host_public_key()}\n")
    assert b"no host named dw" in nigh("dw", "echo in").stderr


# ---- bytes -------------------------------------------------------------------------------------

def test_every_byte_passes_as_it_is_both_ways(server, terminal):
    server()
    child = terminal("shell", "--escape", "none", "demo",
                     "stty raw -echo; printf up; head -c 256 | od -An -v -tx1 | tr -d ' \\n'; printf .",
                     encoding=None)
    child.expect_exact(b"up")
    child.send(bytes(range(256)))
    child.expect_exact(bytes(range(256)).hex().encode() + b".")


def test_what_full_screen_programs_send_is_not_touched(server, terminal, home):
    server()
    sent = (b"\x1b[?1049h\x1b[22;0;0t\x1b[1;24r\x1b[?1000;1006h\x1b[?2004h\x1b[2J\x1b[38;2;1;2;3mx\x1b[0m"
            b"\x1b]52;c;aGVsbG8=\x07\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\\x1b]7;file:///\x07\x1bP1000p"
            b"%begin 1 1 0\r\n\x1b\\\x1b[>4;2m\x1b[>1u\xe2\x82\xac\xff\xfe\x00\x1b[<1u\x1b[>4m"
            b"\x1b[?2004l\x1b[?1000;1006l\x1b[r\x1b[?1049l")
    (home.root / "sent").write_bytes(sent)
    child = terminal("demo", "stty raw; cat sent; printf END", encoding=None)
    child.expect_exact(b"END")
    assert child.before == sent
    child.expect_exact(b"status 0\r\n")


def test_much_output_arrives_whole(server, terminal):
    server()
    child = terminal("demo", "stty raw; seq 1 200000; printf END", encoding=None)
    child.expect_exact(b"END")
    assert child.before == b"".join(b"%d\n" % i for i in range(1, 200001))


def test_a_large_paste_arrives_whole(server, terminal):
    server()
    pasted = b"".join(b"%d " % i for i in range(200_000))
    child = terminal("demo", f"stty raw -echo; printf up; head -c {len(pasted)} | sha256sum",
                     encoding=None)
    child.expect_exact(b"up")
    child.send(pasted)
    child.expect_exact(hashlib.sha256(pasted).hexdigest().encode())


# ---- escape keys -------------------------------------------------------------------------------

def test_leaving_ends_the_session(shell, sessions):
    child = shell()
    child.send("~.")
    expect_end(child, 129)
    assert [one for one in sessions() if one["running"]] == []


def test_keys_that_are_no_action_are_sent(shell):
    child = shell()
    child.sendline("~~x; echo ~.; echo '~?' a ~d")
    child.expect_exact("~x; echo ~.; echo '~?' a ~d\r\n")
    child.sendline("exit 6")
    expect_end(child, 6)


def test_help_lists_the_keys(shell):
    child = shell()
    child.send("~?")
    child.expect_exact("\r\n  ~.     end the session\r\n  ~d     detach; the session goes on\r\n")
    child.sendline("exit")
    expect_end(child, 0)


def test_another_key_can_be_chosen(shell):
    child = shell("--escape", "^]")
    child.sendline("echo one~.")
    child.expect_exact("\rone~.\r\n")
    child.expect_exact(PROMPT)
    child.send("\x1d.")
    expect_end(child, 129)


def test_suspended_nigh_gives_the_terminal_back(server, at_terminal, nigh_binary):
    server()
    child = at_terminal(["/bin/bash", "--norc", "-i"], env={"PS1": "local> "}, encoding="utf-8")
    child.expect_exact("local> ")
    child.sendline(f"{nigh_binary} demo")
    child.sendline("PS1=ready'''> '; printf '\\033[?1000h'")
    child.expect_exact("\x1b[?1000h")
    child.expect_exact(PROMPT)
    child.send("~\x1a")
    child.expect_exact("\x1b[?1000l")
    child.expect_exact("Stopped")
    child.expect_exact("local> ")
    child.sendline("fg; echo status $?")
    child.expect_exact("\x1b[?1000h")
    child.sendline("exit 7")
    child.expect_exact("status 7\r\n")


def test_what_cannot_be_suspended_goes_on(shell):
    child = shell()
    child.send("~\x1a")  # no shell of ours here could continue it
    child.sendline("echo $((6*7))")
    child.expect_exact("42\r\n")
    assert not is_cooked(child)
    child.sendline("exit 7")
    expect_end(child, 7)


def is_cooked(child):
    return termios.tcgetattr(child.child_fd)[3] & termios.ICANON


# ---- leaving and coming back -------------------------------------------------------------------

def test_a_detached_session_goes_on_and_is_found_again(shell, terminal, sessions):
    child = shell()
    child.sendline("x=kept")
    child.expect_exact(PROMPT)
    child.send("~d")
    child.expect(r"\r\nnigh: detached; nigh attach demo (\w{8}) goes on\r\n")
    name = child.match.group(1)
    expect_end(child, 0)
    (one,) = sessions()
    assert (one["id"], one["terminal"], one["running"], one["clients"]) == (name, True, True, [])
    again = terminal("attach", "demo")
    again.expect_exact(PROMPT)
    again.sendline("echo $x; exit 4")
    again.expect_exact("kept\r\n")
    expect_end(again, 4)


def test_a_named_session_is_attached_to_or_created(shell, sessions):
    child = shell("--name", "work")
    child.sendline("x=kept")
    child.expect_exact(PROMPT)
    child.send("~d")
    child.expect_exact("nigh: detached; nigh attach demo work goes on\r\n")
    expect_end(child, 0)
    again = shell("--name", "work")
    again.sendline("echo $x; exit 4")
    again.expect_exact("kept\r\n")
    expect_end(again, 4)
    assert [one for one in sessions() if one["running"]] == []


def test_who_asks_for_a_name_at_the_same_time_gets_the_same_session(server, terminal, sessions):
    server()
    children = [terminal("shell", "--name", "work", "demo", "cat") for _ in range(3)]
    eventually(lambda: [len(one["clients"]) for one in sessions()] == [3], "all are attached")
    children[0].sendline("to all")
    for child in children:
        child.expect_exact("to all\r\nto all\r\n")
    children[1].sendcontrol("d")
    for child in children:
        expect_end(child, 0)


def test_what_a_named_session_left_is_shown_before_another_begins(server, nigh, terminal, sessions):
    server()
    assert nigh("shell", "--detached", "--name", "work", "demo", "echo the old one; exit 3").returncode == 0
    eventually(lambda: not sessions()[0]["running"], "the end of the session")
    child = terminal("shell", "--name", "work", "demo", "echo the new one; exit 4")
    child.expect_exact("the old one\r\n")
    child.expect_exact("nigh: that session work has ended; a new one begins\r\n")
    child.expect_exact("the new one\r\n")
    expect_end(child, 4)
    assert nigh("run", "--keep", "--name", "work", "demo", "--", "sleep 1000").returncode == 0
    child = terminal("shell", "--name", "work", "demo")
    child.expect_exact("session work has no terminal")
    expect_end(child, 255)


def test_a_session_that_is_ended_from_elsewhere_ends_here(shell, nigh, sessions):
    child = shell()
    (one,) = sessions()
    assert nigh("kill", "demo", one["id"]).returncode == 0
    expect_end(child, 129)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_detaches(shell, sessions, number):
    child = shell()
    os.kill(child.nigh, number)
    child.expect_exact("nigh: detached; nigh attach demo ")
    expect_end(child, 128 + number)
    assert [one["running"] for one in sessions()] == [True]


def test_a_window_that_is_closed_detaches(shell, sessions, home):
    home.env["ASAN_OPTIONS"] += ":detect_leaks=0"  # why: lib.terminal.Child
    child = shell()
    child.hang_up()
    eventually(lambda: [one["clients"] for one in sessions()] == [[]], "nobody is attached")
    assert sessions()[0]["running"]


def test_the_configuration_says_which_key_speaks_to_nigh(shell, terminal, home):
    config = home.config_file.read_text() if home.config_file.exists() else ""
    home.config_file.write_text('[defaults]\nescape = "^]"\n' + config)
    home.config_file.chmod(0o600)
    for options, key in ([], "\x1d"), (["--escape", "~"], "~"):
        child = shell(*options)
        child.send(key + "?")
        child.expect_exact("nigh, at the beginning of a line:")
        child.send(key + "d")
        expect_end(child, 0)
    good = home.config_file.read_text()
    home.config_file.write_text(good.replace("^]", "ab"))
    child = terminal("demo")
    child.expect_exact("config.toml:2: escape: 'ab' is no key")
    expect_end(child, 255)
    home.config_file.write_text(good)


def test_what_a_program_did_to_the_terminal_is_undone_when_one_leaves(shell):
    child = shell()
    child.sendline(r"printf '\033[?1049h\033[?25l\033[?1000hin'")
    child.expect_exact("\x1b[?1000hin")
    child.send("\r~d")
    child.expect_exact("\x1b[?25h\x1b[?1000l\x1b[?1049l")
    expect_end(child, 0)


# ---- contact lost ------------------------------------------------------------------------------

@pytest.fixture
def link(server, home):
    one = Link(home, server(name="direct").port, "far")
    yield one
    one.close()


NO_CONTACT = "no contact with far for "


def test_lost_contact_is_told_on_one_line_that_goes_without_a_trace(link, screen):
    window = screen("far")
    window.type("PS1='prompt> '; clear; seq 40", "Enter")
    window.until(lambda rows: rows[-1] == "prompt>" and rows[-2] == "40")
    window.type("half a li")
    window.until(lambda rows: rows[-1] == "prompt> half a li")
    before = window.rows()
    link.cut()
    window.until(lambda rows: NO_CONTACT in rows[-1] and rows[-1].endswith(" s; ~. leaves"))
    assert window.rows()[:-1] == before[:-1]
    assert window.rows()[-1].startswith("prompt> half a li ")
    link.restore()
    window.until(lambda rows: rows == before)
    window.type("ne", "Enter")
    window.until("half: ")  # not found, as the whole of it was typed
    assert "prompt> half a line" in window.text()
    window.type("exit 3", "Enter")
    window.until("status 3")


def test_lost_contact_fits_a_narrow_window(link, screen):
    window = screen("far", columns=20, rows=6)
    window.type("PS1='> '", "Enter")
    window.until(lambda rows: ">" in rows)
    link.cut()
    window.until("no contact ")
    assert len(window.rows()) == 6
    link.restore()
    window.until(lambda rows: "contact" not in "".join(rows))
    window.type("exit 3", "Enter")
    window.until("status 3")


@pytest.mark.parametrize("broken", ["cut", "hold"])
def test_keys_leave_without_contact(link, terminal, sessions, broken):
    child = terminal("far")
    child.sendline("PS1=ready'''> '")
    child.expect_exact(PROMPT)
    getattr(link, broken)()
    child.expect_exact(NO_CONTACT)
    child.send("~.")
    child.expect_exact("nigh: left far without contact; ")
    expect_end(child, 255)
    assert [one["running"] for one in sessions("direct")] == [True]


def test_one_detaches_without_contact(link, terminal, sessions):
    child = terminal("shell", "far", "--name", "work")
    child.sendline("PS1=ready'''> '")
    child.expect_exact(PROMPT)
    link.cut()
    child.expect_exact(NO_CONTACT)
    child.send("~d")
    child.expect_exact("nigh: detached without contact; nigh attach far work goes on")
    expect_end(child, 0)
    assert [one["running"] for one in sessions("direct")] == [True]


def test_what_is_typed_without_contact_arrives_once(link, terminal):
    child = terminal("far")
    child.sendline("PS1=ready'''> '; n=0")
    child.expect_exact(PROMPT)
    for _ in range(3):
        link.cut()
        child.expect_exact(NO_CONTACT)
        child.sendline("n=$((n+1)); echo n is $n.")
        link.restore()
        child.expect(r"n is (\d)\.")
    assert child.match.group(1) == "3"
    child.sendline("exit")
    expect_end(child, 0)


def test_nothing_is_told_where_standard_error_is_no_terminal(link, terminal, at_terminal, nigh_binary, home):
    child = terminal("shell", "far", "sh -c 'echo up; read x; echo got $x'")
    assert child is not None
    log = home.root / "log"
    child.expect_exact("up\r\n")
    quiet = at_terminal(["/bin/sh", "-c", f'exec "$0" far "echo up; read x" 2> {log}', nigh_binary],
                        encoding="utf-8")
    quiet.expect_exact("up\r\n")
    link.cut()
    child.expect_exact(NO_CONTACT)  # so that it would have been told there, too
    link.restore()
    quiet.sendline("")
    quiet.expect(pexpect.EOF)
    assert "contact" not in quiet.before and log.read_text() == ""
    child.sendline("it")
    child.expect_exact("got it")
    expect_end(child, 0)
