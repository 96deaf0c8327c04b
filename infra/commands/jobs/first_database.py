"""Makes an environment's first database. Runs inside the Odoo image, with its settings as JSON on standard input.

Every part of it looks first at what is there, so that an interrupted run is simply run again: Odoo installs each module in
a transaction of its own, and the administrator's password is set only while the database carries no mark of a finished
run. Nothing is ever dropped.

What Odoo's installation made is kept as a seed in a cache volume: the next database of the same image and modules is made
from it in seconds. A seed is taken before anything is set that belongs to one environment alone.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid

import psycopg2

MARK = "odoo_stacks.first_database"
CONFIG = "/dev/shm/odoo.conf"
PASSWORDS = "/dev/shm/pgpass"
TRUST = "/dev/shm/database.pem"
CONNECT_SECONDS = 90
SEEDS = "/seeds"
SEEDS_KEPT = 4
FILESTORE = "/var/lib/odoo/filestore"
CHECKSUMS = "/opt/odoo/checksums.json"


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
    # A crash loses at most the last modules, which the next run installs again: there is no need to wait for the disk.
    environment = {**os.environ, "PGOPTIONS": "-c synchronous_commit=off"}
    odoo = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = []
    for line in odoo.stdout:
        last = (last + [line.rstrip()])[-30:]
        if "odoo.modules.loading: Loading module" in line:
            say(line.split("odoo.modules.loading: ", 1)[1].rstrip())
    if odoo.wait() != 0:
        say("\n".join(last))
        raise SystemExit(f"Odoo could not install {', '.join(modules)}: exit code {odoo.returncode}.")


def remember_checksums(connection, modules):
    """Keeps which content modules were installed from: a release compares it with what its image has."""
    with open(CHECKSUMS) as file:
        image = json.load(file)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT substring(code FROM '^[a-z]+') FROM res_lang WHERE active AND code != 'en_US'")
        wanted = {"", *(language for (language,) in cursor.fetchall())}
        new = {
            name: {part: value for part, value in image[name]["checksums"].items() if part in wanted} for name in modules
        }
        cursor.execute(
            """INSERT INTO ir_config_parameter AS known (key, value, create_uid, create_date, write_uid, write_date)
               VALUES ('odoo_stacks.module_checksums', %s, 1, now(), 1, now())
               ON CONFLICT (key) DO UPDATE SET value = (known.value::jsonb || excluded.value::jsonb)::text""",
            (json.dumps(new),),
        )


def seed_of(settings):
    """The folder with the seed of this image, these modules and these choices."""
    what = [settings["image"], sorted(settings["modules"]), settings["demo"], settings["language"]]
    return os.path.join(SEEDS, hashlib.sha256(json.dumps(what).encode()).hexdigest()[:20])


def postgres(program, *options, database):
    """Runs one of PostgreSQL's programs; the password comes from a file that only this user reads."""
    with open(os.open(PASSWORDS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as passwords:
        passwords.write(f"*:*:*:*:{database['password']}\n")
    argv = [program, "--host", database["host"], "--port", str(database["port"]), "--username", database["user"]]
    argv += ["--dbname", database["dbname"], *options]
    result = subprocess.run(argv, env={**os.environ, "PGPASSFILE": PASSWORDS}, capture_output=True, text=True)
    if result.returncode != 0:
        raise OSError(f"{program}: {result.stderr.strip()}")


def contents(dump):
    """What is in a dump: its lines, as pg_restore lists them, by what they name."""
    listed = subprocess.run(["pg_restore", "--list", dump], capture_output=True, text=True, check=True).stdout
    lines = [line for line in listed.splitlines() if line and not line.startswith(";")]
    # 215; 1255 16385 FUNCTION public unaccent(text) odoo
    return {line.split(" ", 3)[3]: line for line in lines}


def dump_to(path, database, *options):
    """Dumps the database, without the extensions, which every new one has already."""
    postgres("pg_dump", "--format=custom", "--compress=1", "--exclude-extension=*", *options, "--file", path, database=database)


def save_seed(settings):
    """Keeps what was installed; a seed that can't be written is only a slower next time."""
    seed, database = seed_of(settings), settings["database"]
    try:
        shutil.rmtree(seed + ".new", ignore_errors=True)
        os.makedirs(seed + ".new")
        dump_to(seed + ".new/dump", database)
        files = os.path.join(FILESTORE, database["dbname"])
        if os.path.isdir(files):
            shutil.copytree(files, seed + ".new/filestore")
        os.rename(seed + ".new", seed)
        old = sorted((os.path.join(SEEDS, name) for name in os.listdir(SEEDS)), key=os.path.getmtime)[:-SEEDS_KEPT]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
    except OSError as error:
        say(f"The new database could not be kept as a seed: {error}")


def restore_seed(settings):
    """Fills an empty database from a seed, in one transaction; False where there is no seed, or it does not fit."""
    seed, database = seed_of(settings), settings["database"]
    if not os.path.isfile(seed + "/dump"):
        return False
    say("Using what was installed before from the same image.")
    if os.path.isdir(seed + "/filestore"):
        shutil.copytree(seed + "/filestore", os.path.join(FILESTORE, database["dbname"]), dirs_exist_ok=True)
    try:
        # What the server's image puts into every new database is there, and can't be restored once more.
        dump_to("/dev/shm/empty", database, "--schema-only")
        there = contents("/dev/shm/empty")
        with open("/dev/shm/list", "w") as wanted:
            wanted.writelines(f"{line}\n" for name, line in contents(seed + "/dump").items() if name not in there)
        options = ["--single-transaction", "--no-owner", "--exit-on-error", "--use-list", "/dev/shm/list"]
        postgres("pg_restore", *options, seed + "/dump", database=database)
    except (OSError, subprocess.SubprocessError) as error:
        say(f"The seed could not be used: {error}")
        shutil.rmtree(seed, ignore_errors=True)
        return False
    os.utime(seed)
    return True


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
        if settings["admin"].get("email"):
            cursor.execute(
                """UPDATE res_partner SET email = %s, email_normalized = lower(%s)
                   WHERE id = (SELECT partner_id FROM res_users WHERE login = %s)""",
                (settings["admin"]["email"], settings["admin"]["email"], settings["admin"]["login"]),
            )
        if settings.get("country"):
            cursor.execute(
                """UPDATE res_partner SET country_id = (SELECT id FROM res_country WHERE code = %s)
                   WHERE id IN (SELECT partner_id FROM res_company)""",
                (settings["country"],),
            )
        parameters = {
            # Odoo's own identity, which a database from a seed must not share with another.
            "database.uuid": str(uuid.uuid1()),
            "database.secret": str(uuid.uuid4()),
            "database.create_date": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "web.base.url": settings["baseUrl"],
            # Otherwise an administrator's login from another address rewrites it (base/models/res_users.py).
            "web.base.url.freeze": "True",
            MARK: "done",
        }
        for key, value in parameters.items():
            cursor.execute(
                """INSERT INTO ir_config_parameter (key, value, create_uid, create_date, write_uid, write_date)
                   VALUES (%s, %s, 1, now(), 1, now()) ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
                (key, value),
            )
        return True


def trust(settings):
    """Has all that connects, here and in Odoo, check the server's certificate, where it has one."""
    if settings.get("trust"):
        with open(TRUST, "w") as certificates:
            certificates.write(settings["trust"])
        os.environ.update(PGSSLMODE="verify-full", PGSSLROOTCERT=TRUST)


def main():
    settings = json.load(sys.stdin)
    with open(os.open(CONFIG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as config:
        config.write(settings["odooConf"])
    trust(settings)
    connection = connect(settings["database"])
    fresh = not installed(connection)
    if fresh:
        restore_seed(settings)
    missing = [name for name in ["base", *settings["modules"]] if name not in installed(connection)]
    if missing:
        say(f"Installing {', '.join(missing)}.")
        before = installed(connection)
        install(missing, settings)
        remember_checksums(connection, installed(connection).keys() - before)
        if fresh:
            save_seed(settings)
    made = settle(connection, settings)
    json.dump({"made": made, "modules": installed(connection)}, sys.stdout)


main()
