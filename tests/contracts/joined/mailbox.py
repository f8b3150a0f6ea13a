"""The council's mails about the sample family in a real mailbox on Dovecot."""

from contextlib import contextmanager
from pathlib import Path

from tests.contracts.joining import Joined, set_up
from tests.servers.dovecot import PASSWORD, USER, dovecot_server

MAILS = Path(__file__).parents[3] / "sample_data" / "stores" / "documents" / "council" / "hartley.mbox"


def mailbox_store(where, *, mapping="filed_under = true", **settings):
    """A store of kind ``imap``, loaded as an installation loads it."""
    (where / "mapping.toml").write_text(f'{mapping}\n[domains]\n"wexcombe.example" = "Wexcombe Council"\n')
    settings = {
        "host": "127.0.0.1",
        "user": USER,
        "password": PASSWORD,
        "mapping": "mapping.toml",
        **settings,
    }
    heading = 'name = "mails"\nlabel = "The council\'s mails"\nkind = "imap"'
    return set_up(where, heading, {key: value for key, value in settings.items() if value != ""})


@contextmanager
def opened(_fixture, base):
    with dovecot_server() as server:
        server.load(MAILS)
        yield mailbox_store(base, port=server.port, ca_file=server.ca_file)


JOINED = [Joined(name="mailbox", open=opened, broken=lambda base: mailbox_store(base, port=9, timeout_s=1))]
