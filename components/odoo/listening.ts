import { odooPorts } from "../../infra/commands/odooConf";
import { alive } from "./alive";

/**
 * Connections that wait for one of Odoo's processes, at most: those that were held during a release come all at once. The
 * system's own limit is 4096 (net.core.somaxconn, https://docs.kernel.org/admin-guide/sysctl/net.html).
 */
const waiting = 1024;

/**
 * Starts Odoo's web processes on a port that is open already, as systemd would (odoo/tools/config.py,
 * http_socket_activation). Odoo itself lets 8 connections wait for each process (odoo/service/server.py, PreforkServer.start).
 * Where more come at once, those that send a body in a packet of its own are reset after a second, which SYN cookies explain:
 * requests that were held and let go failed that way.
 */
const program = `
import os, socket
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.setblocking(False)
server.bind(("0.0.0.0", ${odooPorts.http}))
server.listen(${waiting})
if server.fileno() != 3:
    os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp("odoo", ["odoo", "server", "--config", "/etc/odoo/odoo.conf"])
`;

/** The arguments of a web container. They are the service's and not the image's, so that earlier versions have them too. */
export const webCommand: readonly string[] = ["python3", "-c", `${alive}${program}`.trim()];
