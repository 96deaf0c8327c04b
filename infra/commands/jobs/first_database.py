"""Makes an environment's first database. Runs inside the Odoo image, with its settings as JSON on standard input.

Every part of it looks first at what is there, so that an interrupted run is simply run again: Odoo installs each module in
a transaction of its own, and the administrator's password is set only while the database carries no mark of a finished
run. Nothing is ever dropped.
"""

import json
import os
import subprocess
import sys
import time

import psycopg2

MARK = "odoo_stacks.first_database"
CONFIG = "/dev/shm/odoo.conf"
CONNECT_SECONDS = 90


def say(line):
    print(line, file=sys.stderr, flush=True)


def connect(database):
    """Connects with a bound: on a first start, PostgreSQL makes its cluster meanwhile."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return psycopg2.connect(connect_timeout=5, **database)
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL did not answer within {CONNECT_SECONDS} s: {error}")
            time.sleep(0.2)


def installed(connection):
    """Name and version of each installed module; empty before Odoo has made its tables."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('ir_module_module')")
        if cursor.fetchone()[0] is None:
            return {}
        cursor.execute("SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'")
        return dict(cursor.fetchall())


def install(modules, settings):
    """Has Odoo install modules, and passes on which one it is at."""
    argv = ["odoo", "server", "--config", CONFIG, "--init", ",".join(modules), "--stop-after-init"]
    argv += ["--workers", "0", "--max-cron-threads", "0", "--no-http"]
    if settings["demo"]:
        argv += ["--with-demo"]
    if settings["language"] != "en_US":
        argv += ["--load-language", settings["language"]]
    odoo = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = []
    for line in odoo.stdout:
        last = (last + [line.rstrip()])[-30:]
        if "odoo.modules.loading: Loading module" in line:
            say(line.split("odoo.modules.loading: ", 1)[1].rstrip())
    if odoo.wait() != 0:
        say("\n".join(last))
        raise SystemExit(f"Odoo could not install {', '.join(modules)}: exit code {odoo.returncode}.")


def settle(connection, settings):
    """Sets what belongs to this environment alone; once, so that what an administrator changes later stays."""
    from passlib.context import CryptContext

    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ir_config_parameter WHERE key = %s", (MARK,))
        if cursor.fetchone():
            return False
        # As Odoo hashes passwords: passlib's PBKDF2 with 600,000 rounds (odoo/addons/base/models/res_users.py).
        hashing = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=600_000)
        cursor.execute(
            """UPDATE res_users SET login = %s, password = %s
               WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'user_admin')""",
            (settings["admin"]["login"], hashing.hash(settings["admin"]["password"])),
        )
        if settings["language"] != "en_US":
            cursor.execute("UPDATE res_partner SET lang = %s", (settings["language"],))
        # Frozen: otherwise an administrator's login from another address rewrites it (base/models/res_users.py).
        for key, value in (("web.base.url", settings["baseUrl"]), ("web.base.url.freeze", "True"), (MARK, "done")):
            cursor.execute(
                """INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
                   VALUES (%s, %s, 1, now(), 1, now()) ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
                (key, value),
            )
        return True


def main():
    settings = json.load(sys.stdin)
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    connection = connect(settings["database"])
    missing = [name for name in ["base", *settings["modules"]] if name not in installed(connection)]
    if missing:
        say(f"Installing {', '.join(missing)}.")
        install(missing, settings)
    made = settle(connection, settings)
    json.dump({"made": made, "modules": installed(connection)}, sys.stdout)


main()
