// Draws openapi.json: the operations, then the messages they carry. Text is never parsed as HTML.

/** Make an element: element("a", { href: "#x" }, "text", otherElement). */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Text in which `words` between backticks are code. */
function prose(text) {
  return text.split("`").map((part, n) => (n % 2 ? element("code", {}, part) : part));
}

/** A schema's type in words, with a link where it is a message or an enum. */
function typeOf(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return [element("a", { href: `#${name}` }, name)];
  }
  if (schema.type === "array") return ["list of ", ...typeOf(schema.items)];
  if (schema.contentEncoding) return [schema.contentEncoding];
  if (schema.contentMediaType) return ["file"];
  return [schema.format ?? schema.type ?? "bytes"];
}

function table(rows) {
  const lines = rows.map(([name, type, description]) =>
    element("tr", {}, element("td", {}, element("code", {}, name)), element("td", {}, ...type),
      element("td", {}, ...prose(description))));
  const head = element("tr", {}, ...["name", "type", "meaning"].map((text) => element("th", { scope: "col" }, text)));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
}

/** A command that calls the operation. */
function example(path, verb, operation) {
  const lines = ["curl -H \"X-API-Key: $OCR_API_KEY\""];
  const body = operation.requestBody?.content ?? {};
  if (body["multipart/form-data"]) lines.push("-F \"file=@$IMAGE\"");
  else if (operation.operationId === "FindEntities") lines.push("--json '{\"text\": \"mail ann@example.com\"}'");
  else if (operation.requestBody) lines.push("--json '{}'");
  else if (verb !== "get") lines.push(`-X ${verb.toUpperCase()}`);
  lines.push(`${location.origin}${path}`);
  return element("pre", { tabindex: "0" }, lines.join(" \\\n  "));
}

function operationSection(path, verb, operation) {
  const title = element("h3", {}, element("code", { class: "verb" }, verb.toUpperCase()), " ", element("code", {}, path));
  const section = element("section", { id: operation.operationId }, title,
    element("p", {}, ...prose(operation.description)), example(path, verb, operation));
  if (operation.parameters.length) {
    section.append(table(operation.parameters.map((p) => [p.name, [...typeOf(p.schema), ` in ${p.in}`], p.description])));
  }
  const kinds = (content) => Object.entries(content).flatMap(([type, { schema }], n) =>
    [n ? ", " : "", element("code", {}, type), schema.$ref ? " " : "", ...(schema.$ref ? typeOf(schema) : [])]);
  if (operation.requestBody) section.append(element("p", {}, "Send ", ...kinds(operation.requestBody.content), "."));
  section.append(element("p", {}, "Get ", ...kinds(operation.responses["200"].content), "."));
  return section;
}

function schemaSection(name, schema) {
  const [about, ...values] = (schema.description ?? "").split("\n").filter(Boolean);
  const section = element("section", { id: name }, element("h3", {}, name), element("p", {}, ...prose(about ?? "")));
  if (values.length) {
    section.append(element("ul", {}, ...values.map((value) => element("li", {}, ...prose(value.replace(/^- /, ""))))));
  }
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length) section.append(table(fields.map(([field, part]) => [field, typeOf(part), part.description ?? ""])));
  return section;
}

function contents(title, names) {
  const links = names.map((name) => element("li", {}, element("a", { href: `#${name}` }, name)));
  return [element("h2", {}, title), element("ul", {}, ...links)];
}

async function draw() {
  const main = document.querySelector("main");
  const answer = await fetch("/openapi.json");
  if (!answer.ok) {
    main.append(element("p", { role: "alert" }, "openapi.json could not be loaded. Reload the page."));
    return;
  }
  const { info, paths, components } = await answer.json();
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => [path, verb, operation]));
  const schemas = Object.entries(components.schemas);
  document.querySelector("nav").append(
    ...contents("Calls", operations.map(([, , operation]) => operation.operationId)),
    ...contents("Messages", schemas.map(([name]) => name)));
  main.append(element("p", { class: "about" }, ...prose(info.description)),
    element("p", {}, "Every call carries a key, as ", element("code", {}, "X-API-Key: KEY"), " or ",
      element("code", {}, "Authorization: Bearer KEY"), "."),
    element("h2", {}, "Calls"), ...operations.map((found) => operationSection(...found)),
    element("h2", {}, "Messages"), ...schemas.map((found) => schemaSection(...found)));
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

draw();
