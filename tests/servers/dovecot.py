"""A private Dovecot with one mailbox and a shared one, over TLS."""

import grp
import os
import pwd
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.certificates import self_signed
from tests.servers.processes import free_port, own_folder, program, running

USER, PASSWORD = "records", "tanner-row-14"
CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_login_user = {login}
default_internal_user = {login}
default_internal_group = {group}
ssl = yes
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
mail_location = maildir:{base}/mail/%u
first_valid_uid = 0
namespace inbox {{
  inbox = yes
  separator = /
}}
namespace team {{
  type = public
  separator = /
  prefix = Team/
  location = maildir:{base}/team
  list = children
  subscriptions = no
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    port: int
    plain_port: int
    ca_file: Path
    pid: int

    def client(self):
        """A connection of the keepers, who may write."""
        context = ssl.create_default_context(cafile=self.ca_file)
        client = IMAPClient("127.0.0.1", port=self.port, ssl_context=context)
        client.login(USER, PASSWORD)
        return client

    def load(self, mbox: Path, folders=("INBOX", "Archive")):
        """Lay the mails of a file into folders in turn, unread."""
        client = self.client()
        for folder in folders:
            if not client.folder_exists(folder):
                client.create_folder(folder)
        mails = re.split(rb"(?m)^From .*\n", mbox.read_bytes())[1:]
        for number, mail in enumerate(mails):
            client.append(folders[number % len(folders)], mail.replace(b"\n", b"\r\n"))
        client.logout()


@contextmanager
def dovecot_server():
    """The server with an empty mailbox."""
    with own_folder() as base:
        dovecot = program("dovecot", "dovecot-imapd")
        self_signed(base)
        (base / "users").write_text(f"{USER}:{PASSWORD}\n")
        for folder in ("run", "state", "mail", "team"):
            (base / folder).mkdir(exist_ok=True)
        account = pwd.getpwuid(os.geteuid())
        if os.geteuid() == 0:
            # Under root every part still runs under an account that owns nothing else.
            account = pwd.getpwnam("nobody")
            for folder in (base / "mail", base / "team"):
                os.chown(folder, account.pw_uid, account.pw_gid)
        port, plain = free_port(), free_port()
        config = base / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                base=base, port=port, plain=plain, login=account.pw_name, uid=account.pw_uid,
                gid=account.pw_gid, group=grp.getgrgid(account.pw_gid).gr_name,
            )
        )  # fmt: skip
        with running([dovecot, "-F", "-c", config], port=port, log=base / "log") as server:
            yield Dovecot(port=port, plain_port=plain, ca_file=base / "certificate.pem", pid=server.pid)
