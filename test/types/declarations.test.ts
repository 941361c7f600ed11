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
const program = ts.createProgram(ENTRIES, { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext });
const checker = program.getTypeChecker();

function members(): Member[] {
  return ENTRIES.flatMap((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    return module === undefined ? [] : checker.getExportsOfModule(module).flatMap(membersOf);
  });
}

function membersOf(exported: ts.Symbol): Member[] {
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

/** Whether there is an Int64 somewhere in a type, named types included; objects of libvirt's classes are no values. */
function holdsInt64(type: ts.Node, seen = new Set<ts.Symbol>()): boolean {
  return has(type, (node) => {
    if (!ts.isTypeReferenceNode(node)) return false;
    const found = checker.getSymbolAtLocation(node.typeName);
    if (found === undefined) return false;
    const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    if (symbol.name === 'Int64') return true;
    if (seen.has(symbol)) return false;
    seen.add(symbol);
    const shapes = (symbol.declarations ?? []).filter((one) => ts.isTypeAliasDeclaration(one) || ts.isInterfaceDeclaration(one));
    return shapes.some((one) => one.getSourceFile().fileName.includes('/bindings/') && holdsInt64(one, seen));
  });
}

test('what gives 64-bit values says that they are rounded', () => {
  assert.deepEqual(
    wrong(({ declaration }) => {
      const docs = ts.getJSDocCommentsAndTags(declaration).map((doc) => doc.getText());
      return declaration.type !== undefined && holdsInt64(declaration.type) && !docs.some((text) => text.includes('2^53'));
    }),
    [],
  );
});
