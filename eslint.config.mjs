import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", "tests/fixtures/", "**/*.cjs", "*.config.*"] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // A Pulumi component is often declared for its effect alone, and a promise may be awaited by the engine.
      "no-new": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  // Load commands, and the target's own program, when they are needed; a dynamic import would need tsx's slower loader.
  {
    files: [
      "infra/cli/main.ts",
      "infra/cli/*Commands.ts",
      "infra/programs/platform.ts",
      "infra/programs/environmentDatabase.ts",
    ],
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
