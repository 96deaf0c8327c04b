import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryDir } from "../core/paths";
import { renderConfigDocs } from "./docs";

// Writes docs/configuration.md: `npx tsx infra/config/writeDocs.ts`. A unit test fails while it is not current.
writeFileSync(join(repositoryDir, "docs", "configuration.md"), renderConfigDocs());
