import { odooPorts } from "../../infra/commands/odooConf";

/**
 * Says that the container lives, to proxies that have several of them to choose from: a process beside Odoo that does nothing
 * else. None of Odoo's own is fit for that. Those for pages may all be at work, and the one for websockets is silent for
 * seconds, in all containers at once, while it loads its models anew after somebody installed a module; one late answer is enough
 * for kamal-proxy to take a container out (internal/server/target.go, HealthCheckCompleted), and without any left it refuses
 * everybody. Whether Odoo itself is well is for Swarm to find out: a container that is not has no name to be found by, and the
 * end of Odoo is the end of its container with this process.
 */
export const alive = `
import http.server, os
class Alive(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
if os.fork() == 0:
    http.server.ThreadingHTTPServer(("0.0.0.0", ${odooPorts.alive}), Alive).serve_forever()
`;
