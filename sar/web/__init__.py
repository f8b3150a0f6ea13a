"""The site: family pages, the officer's workspace and the complaints desk. Start at ``create_app``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from sar.ports.access import Accounts
from sar.ports.disclosing import Outbox
from sar.ports.jobs import Jobs
from sar.web import access, errors, filters, security
from sar.web.blueprints import BLUEPRINTS
from sar.web.context import Services, Site, SiteConfig
from sar.web.uploads import InMemory

__all__ = ["Services", "SiteConfig", "create_app"]

LARGEST_FORM = 256 * 1024
"""Bytes. Words only. Where staff hand in files, `sar.web.uploads` makes room, and keeps them off the disk."""


def create_app(
    *,
    services: Services,
    accounts: Accounts,
    jobs: Jobs,
    outbox: Outbox,
    clock: Callable[[], datetime],
    config: SiteConfig,
) -> Flask:
    """The WSGI application. It reads no settings, clock or environment of its own."""
    app = Flask("sar.web", template_folder=None)
    app.request_class = InMemory
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.extensions["sar"] = Site(
        services=services, accounts=accounts, jobs=jobs, outbox=outbox, clock=clock, config=config
    )
    if config.trusted_proxies:
        behind = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)
        app.wsgi_app = behind  # type: ignore[method-assign]  # the way Flask documents it
    filters.dress(app, config)
    security.protect(app)
    access.guard(app)
    access.see_one_moment(app)
    errors.answer_failures(app)
    app.context_processor(
        lambda: {
            "signed_in": access.is_signed_in(),
            "is_family": access.is_family(),
            "staff": access.staff_or_none(),
            "today": app.extensions["sar"].today(),
        }
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
