"""Installs, upgrades and removes modules, with Odoo's own command line. Runs inside the image of the new version.

It reads lines of JSON from standard input. The first one prepares: {"odooConf": text, "load": names of modules, each after
those it depends on}. Odoo's code and the modules' is loaded, which asks nothing of the database and takes as long as a
small upgrade; code that can't be loaded fails here. Then it prints `ready` and waits for the second line: {"install",
"upgrade", "uninstall": names, "timeoutSeconds"}. When the input ends instead, so does the job, and nothing was changed.

Odoo's log goes to standard error as it is. The exit code is Odoo's; 142 (SIGALRM) when the time was up.
"""

import functools
import gc
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

CONFIG = "/dev/shm/odoo.conf"
TRUST = "/dev/shm/database.pem"
XML_ID = re.compile(r"""\sid\s*=\s*["']([\w.-]+)["']""")
# No HTTP, no scheduled actions, and no limits that are meant for requests.
OPTIONS = ["--stop-after-init", "--workers", "0", "--max-cron-threads", "0", "--no-http"]
OPTIONS += ["--log-level", "info", "--limit-memory-hard", "0"]
# The snapshot covers a crash: there is no need to wait for the disk. Odoo itself waits for locks no longer than this
# (odoo/modules/loading.py), but on one of its connections only. A statement ends when this process is gone, not when the
# server has finished it.
os.environ["PGOPTIONS"] = "-c synchronous_commit=off -c lock_timeout=15s -c client_connection_check_interval=1s"


def prepare(settings):
    """Loads Odoo's code and the modules'."""
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    if settings.get("trust"):
        with open(TRUST, "w") as certificates:
            certificates.write(settings["trust"])
        os.environ["PGSSLROOTCERT"] = TRUST
    import odoo.cli.server
    from odoo.modules.module import load_openerp_module
    from odoo.tools import config

    config.parse_config(["--config", CONFIG, *OPTIONS], setup_logging=True)
    for name in settings["load"]:
        load_openerp_module(name)
    read_modules_once()
    # All of this stays: the garbage collector need not look at it again.
    gc.collect()
    gc.freeze()


def read_modules_once():
    """Has Odoo compare all modules on disk with the database once: an upgrade does so twice, at most of a second each."""
    from odoo.addons.base.models.ir_module import IrModuleModule

    compare = IrModuleModule.update_list
    done = []

    @functools.wraps(compare)
    def once(self):
        if not done:
            done.append(compare(self))
        return done[0]

    IrModuleModule.update_list = once


def settle(uninstall):
    """Takes back what somebody began to do to modules that are to be removed; returns those that are installed."""
    from odoo.sql_db import db_connect
    from odoo.tools import config

    with db_connect(config["db_name"][0]).cursor() as cursor:
        cursor.execute(
            """UPDATE ir_module_module SET state = CASE state WHEN 'to install' THEN 'uninstalled' ELSE 'installed' END
               WHERE name = ANY(%s) AND state IN ('to install', 'to upgrade', 'to remove')""",
            (uninstall,),
        )
        cursor.execute("SELECT name FROM ir_module_module WHERE name = ANY(%s) AND state = 'installed'", (uninstall,))
        return [name for (name,) in cursor.fetchall()]


def put_aside_views_without_source(modules):
    """Switches off views that these modules brought and no longer have.

    Odoo deletes them when all is upgraded, but checks the others together with them before: one that shows a field which
    is gone, such as after going back to an earlier version, would fail the upgrade.
    """
    from odoo.modules.module import get_module_path
    from odoo.sql_db import db_connect
    from odoo.tools import config

    for module in modules:
        files = pathlib.Path(get_module_path(module)).rglob("*.xml")
        found = {name for file in files for name in XML_ID.findall(file.read_text(errors="replace"))}
        names = [name.removeprefix(f"{module}.") for name in found]
        with db_connect(config["db_name"][0]).cursor() as cursor:
            cursor.execute(
                """UPDATE ir_ui_view SET active = false WHERE active AND id IN (
                     SELECT res_id FROM ir_model_data WHERE module = %s AND model = 'ir.ui.view'
                     AND NOT COALESCE(noupdate, false) AND NOT name = ANY(%s))""",
                (module, names),
            )


def install_and_upgrade(install, upgrade):
    """Runs `odoo server --init … --update … --stop-after-init` in this process; returns its exit code."""
    import odoo.cli

    sys.argv = ["odoo", "server", "--config", CONFIG, *OPTIONS]
    sys.argv += ["--init", ",".join(install)] if install else []
    sys.argv += ["--update", ",".join(upgrade)] if upgrade else []
    try:
        odoo.cli.main()
    except SystemExit as end:
        return end.code or 0
    return 0


def main():
    # What is printed by mistake goes where the log goes; only `ready` goes to standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    prepare(json.loads(sys.stdin.readline()))
    print("ready", file=answers, flush=True)
    line = sys.stdin.readline()
    if not line:
        return 0
    todo = json.loads(line)
    # Ends this process, and with it the container, also when whoever began this is gone.
    signal.alarm(todo["timeoutSeconds"])
    uninstall = settle(todo["uninstall"]) if todo["uninstall"] else []
    put_aside_views_without_source(name for name in todo["upgrade"] if name != "all")
    code = install_and_upgrade(todo["install"], todo["upgrade"]) if todo["install"] or todo["upgrade"] else 0
    if code == 0 and uninstall:
        code = subprocess.run(["odoo", "module", "uninstall", "--config", CONFIG, *uninstall]).returncode
    return code


sys.exit(main())
