"""Runs the neutralisation scripts of a database's modules. Runs inside the Odoo image.

Its settings come as JSON on standard input: {"odooConf": text, "database": name} and, where the
server's certificate is checked, "trust": certificates as PEM. The scripts are those that `odoo neutralize`
runs (odoo/modules/neutralize.py), all in one transaction, and like there no registry is loaded. A script that fails ends the
job with its module's name, and nothing is changed.

It prints JSON: {"scripts": names of the modules whose script was run, "silent": names of own modules that have none,
"missing": names of installed modules that are not in this image, so that their script could not be run}.
"""

import json
import os
import sys

CONFIG = "/dev/shm/odoo.conf"
TRUST = "/dev/shm/database.pem"
CHECKSUMS = "/opt/odoo/checksums.json"
# The copy is thrown away when anything fails: there is no need to wait for the disk.
os.environ["PGOPTIONS"] = "-c synchronous_commit=off -c lock_timeout=30s"


def run_scripts(cursor, modules):
    """Runs each module's script; returns the names of the modules that have one."""
    from odoo.modules.neutralize import get_neutralization_queries

    done = []
    for module in modules:
        for query in get_neutralization_queries([module]):
            try:
                cursor.execute(query)
            except Exception as error:
                raise SystemExit(f"The neutralisation script of the module {module} failed: {error}")
            done.append(module)
    return done


def main():
    # What is printed by mistake goes where the log goes.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.read())
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    if settings.get("trust"):
        with open(TRUST, "w") as certificates:
            certificates.write(settings["trust"])
        os.environ["PGSSLROOTCERT"] = TRUST
    import odoo.tools
    from odoo.modules.neutralize import get_installed_modules
    from odoo.sql_db import db_connect

    odoo.tools.config.parse_config(["--config", CONFIG], setup_logging=True)
    with open(CHECKSUMS) as file:
        image = json.load(file)
    with db_connect(settings["database"]).cursor() as cursor:
        modules = sorted(get_installed_modules(cursor))
        scripts = run_scripts(cursor, modules)
    silent = [name for name in modules if image.get(name, {}).get("own") and name not in scripts]
    missing = [name for name in modules if name not in image and name not in scripts]
    print(json.dumps({"scripts": scripts, "silent": silent, "missing": missing}), file=answers, flush=True)


main()
