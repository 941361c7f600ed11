/** What an editor shows: every method is described, and typed to the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ENTRIES = ['index', 'qemu', 'lxc'].map((name) => fileURLToPath(new URL(`../../../bindings/dist/lib/${name}.d.ts`, import.meta.url)));

interface Member {
  readonly name: string;
  readonly declaration: ts.MethodDeclaration | ts.FunctionDeclaration;
}

/** The methods of all exported classes, inherited ones included, and the exported functions. */
function members(): Member[] {
  const program = ts.createProgram(ENTRIES, { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext });
  const checker = program.getTypeChecker();
  return ENTRIES.flatMap((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    return module === undefined ? [] : checker.getExportsOfModule(module).flatMap((symbol) => membersOf(symbol, checker));
  });
}

function membersOf(exported: ts.Symbol, checker: ts.TypeChecker): Member[] {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  if (symbol.flags & ts.SymbolFlags.Function) {
    return (symbol.declarations ?? []).filter(ts.isFunctionDeclaration).map((declaration) => ({ name: symbol.name, declaration }));
  }
  if (!(symbol.flags & ts.SymbolFlags.Class) || !symbol.name.startsWith('vir')) return [];
  return checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .flatMap((property) =>
      (property.declarations ?? [])
        .filter(ts.isMethodDeclaration)
        .map((declaration) => ({ name: `${symbol.name}.${property.name}`, declaration })),
    );
}

function has(node: ts.Node, what: (node: ts.Node) => boolean): boolean {
  return what(node) || (ts.forEachChild(node, (child) => has(child, what) || undefined) ?? false);
}

const all = members();
const isOurs = ({ name }: Member): boolean => !name.includes('__@');
const methods = all.filter(isOurs);
const wrong = (is: (member: Member) => boolean): string[] => [...new Set(methods.filter(is).map(({ name }) => name))];

test('there are all the methods that libvirt-python has', () => {
  assert.ok(methods.length > 450, `${methods.length}`);
});

test('every method is described', () => {
  assert.deepEqual(
    wrong(({ declaration }) => ts.getJSDocCommentsAndTags(declaration).length === 0),
    [],
  );
});

test('no method takes or gives any', () => {
  assert.deepEqual(
    wrong(({ declaration: { parameters, type } }) =>
      [...parameters, type].some((node) => node !== undefined && has(node, ({ kind }) => kind === ts.SyntaxKind.AnyKeyword)),
    ),
    [],
  );
});

test('the places of every tuple have names', () => {
  const unnamed = (node: ts.Node): boolean => ts.isTupleTypeNode(node) && node.elements.some((element) => !ts.isNamedTupleMember(element));
  assert.deepEqual(
    wrong(({ declaration: { type } }) => type !== undefined && has(type, unnamed)),
    [],
  );
});
