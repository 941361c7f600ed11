// The linter looks for bugs (floating promises, cycles, imports against the grain); the formatter decides style.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/** Which folder may import which: the direction of docs/way-of-one-message.md, kept by the linter. */
const importZones = [
  { target: './services/common', from: './services/compute', message: 'common imports nobody' },
  {
    target: './services/compute/handlers',
    from: './services/compute/!(handlers|ports)/**',
    message: 'handlers know ports and common only',
  },
  { target: './services/compute/!(virt)/**', from: './bindings', message: 'only virt/libvirt drives the binding' },
  { target: './services/cli', from: './services/compute', message: 'the command line is a client like any other: it knows the API alone' },
  { target: './generator', from: ['./services', './bindings', './ops'], message: 'the generator stands alone' },
  { target: './bindings', from: ['./services', './ops', './generator'], message: 'the binding stands alone' },
  { target: './services', from: ['./ops', './test', './generator'], message: 'services import services and the binding' },
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/build/', 'bindings/generated/', 'services/common/proto/generated/', 'test/generator/golden/', '.cache/']),
  tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: '*/tsconfig.json', noWarnOnMultipleProjects: true })],
    },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] }] },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/naming-convention': 'off',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones: importZones, basePath: import.meta.dirname }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
