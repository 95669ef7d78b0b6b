// A plugin of typedoc. Without it, a page has the name of its file (nine are called README), a module that of its folder, and a link
// to a source copies that source into the site.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Converter, StructureRouter } from 'typedoc';
import { packageEntries } from './entries.mjs';

const root = resolve(import.meta.dirname, '../..');
const repository = 'https://github.com/ceres-backup/ceres';

/** Says under which heading of the navigation a page stands. The first match counts. */
const groups = [
  [/^docs\/decisions\//, 'Decisions'],
  [/^docs\/(?:architecture|errors|file-format|glossary|storage-adapter|testing)\.md$/, 'Reference'],
  [/^docs\//, 'Guides'],
  [/^packages\//, 'Packages'],
  [/^examples\//, 'Examples'],
  [/./, 'Project'],
];

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.renderer.defineRouter('pages', PageRouter);

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const path = pathOf(document);
    document.name = titleOf(path);
    document.frontmatter.group = groups.find(([pattern]) => pattern.test(path))[1];
    document.content = withoutTitle(document.content);
  });

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const modules = new Map(project.children.map((module) => [nameModule(module), module]));
    for (const document of [...project.documents]) {
      const path = pathOf(document);
      if (!path.endsWith('README.md')) continue;
      const module = modules.get(document.name);
      if (module !== undefined) {
        module.readme = document.content;
        project.removeReflection(document);
      }
      for (const link of [path, dirname(path)])
        project.files.registerReflectionPath(join(root, link), module ?? document);
    }
  });

  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const texts = [project, ...project.children].map(({ readme }) => readme ?? []);
    const targets = new Set();
    for (const text of [...texts, ...project.documents.map(({ content }) => content)])
      leadToRepository(text, project, targets);
    // A target that belongs to no page would be copied into the site.
    for (const target of targets) project.files.registerReflectionPath(target, project);
  });
}

function pathOf(document) {
  return relative(root, document.project.files.getReflectionPath(document));
}

/** Gives a module the name that users import. */
function nameModule(module) {
  const path = module.project.files.getReflectionPath(module);
  const entry = packageEntries().find(({ source }) => source === path);
  if (entry === undefined) throw new Error(`${path} is the source of no entry.`);
  module.name = entry.name;
  return entry.name;
}

/** Keeps a page at the address of its Markdown file, so that a new title breaks no bookmark. */
class PageRouter extends StructureRouter {
  getIdealBaseName(reflection) {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection).replace(/^_ceres/, 'api');
    return pathOf(reflection)
      .replace(/\.md$/, '')
      .replace(/\/README$/, '/index');
  }
}

/** The page's first heading: it is what people call the page. */
function titleOf(path) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1];
  if (heading === undefined) throw new Error(`${path} has no title: begin it with a line "# …".`);
  return heading.replaceAll('`', '');
}

/** The layout prints the title itself. */
function withoutTitle(content) {
  const [first, ...rest] = content;
  return [{ ...first, text: first.text.replace(/^# .*\n/, '') }, ...rest];
}

/** Makes links to what is not a page of the site, such as sources and folders, lead to the repository. */
function leadToRepository(text, project, targets) {
  text.forEach((part, index) => {
    if (part.kind !== 'relative-link' || part.target === undefined) return;
    const target = project.files.resolve(part.target, project);
    if (typeof target !== 'string') return;
    const anchor = part.targetAnchor ? `#${part.targetAnchor}` : '';
    text[index] = { kind: 'text', text: `${repository}/blob/main/${relative(root, target)}${anchor}` };
    targets.add(target);
  });
}
