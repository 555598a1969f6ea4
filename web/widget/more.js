/*
 * Baton's chat widget, second part: what is not needed at first sight. Apache-2.0.
 * baton.js fetches it from beside itself and hands over its tools; nothing here runs before that.
 */
const WORDS = {
  rate: ["Your rating (1 to 5)", "你的評分（1 至 5）", "你的评分（1 至 5）", "A sua avaliação (1 a 5)"],
  comment: ["Comment (optional)", "意見（選填）", "意见（选填）", "Comentário (opcional)"],
  rated: ["Thank you!", "謝謝你！", "谢谢你！", "Obrigado!"],
  address: ["Your e-mail or phone number", "你的電郵或電話號碼", "您的邮箱或电话号码", "O seu e-mail ou telefone"],
  addressBad: ["Please write a whole e-mail address or phone number.", "請輸入完整的電郵地址或電話號碼。", "请输入完整的邮箱地址或电话号码。", "Escreva um e-mail ou um número de telefone completo."],
  retry: ["Try again", "再試一次", "重试", "Tentar de novo"],
  edit: ["Edit", "修改", "修改", "Editar"],
  tooLong: ["Too long", "內容太長", "内容太长", "Demasiado longa"],
  dismiss: ["Close this message", "關閉此訊息", "关闭此消息", "Fechar esta mensagem"],
  remove: ["Remove {0}", "移除 {0}", "移除 {0}", "Remover {0}"],
  save: ["Save {0}", "儲存 {0}", "保存 {0}", "Guardar {0}"],
  sendingUp: ["{0} is being sent up", "正在上傳 {0}", "正在上传 {0}", "A carregar {0}"],
  fileLimit: ["At most {0} MB a file.", "每個檔案最多 {0} MB。", "每个文件最多 {0} MB。", "No máximo {0} MB por ficheiro."],
  fileTooLarge: ["{0} is too large.", "{0} 太大。", "{0} 太大。", "{0} é demasiado grande."],
  fileKind: ["{0} is of a kind that cannot be sent.", "無法傳送 {0} 這類檔案。", "无法发送 {0} 这类文件。", "{0} é de um tipo que não pode ser enviado."],
  fileFailed: ["{0} could not be sent up. Try again when the connection is back.", "{0} 無法上傳，請於連線恢復後再試。", "{0} 无法上传，请在连接恢复后重试。", "Não foi possível carregar {0}. Tente de novo quando houver ligação."],
  fileWaits: ["{0} is kept and sent later.", "{0} 會保留並稍後傳送。", "{0} 会保留并稍后发送。", "{0} fica guardado e segue mais tarde."],
  fileNotKept: ["{0} could not be kept in this browser. Choose it again when the connection is back.", "此瀏覽器無法保留 {0}，請於連線恢復後再選取。", "此浏览器无法保留 {0}，请在连接恢复后重新选择。", "Não foi possível guardar {0} neste navegador. Escolha-o de novo quando houver ligação."],
  waits: ["Waiting for the connection", "等候連線", "等待连接", "À espera de ligação"],
  waitMost: ["At most {0} MB can wait for it.", "最多可保留 {0} MB。", "最多可保留 {0} MB。", "No máximo {0} MB podem esperar por ela."],
  fileGone: ["{0} cannot be opened now.", "目前無法開啟 {0}。", "目前无法打开 {0}。", "De momento não é possível abrir {0}."],
  begin: ["Start", "開始", "开始", "Começar"],
  skip: ["Skip", "略過", "跳过", "Saltar"],
  optional: ["(optional)", "（選填）", "（选填）", "(opcional)"],
  fieldNeeded: ["Please fill in: {0}", "請填寫：{0}", "请填写：{0}", "Preencha: {0}"],
  fieldBad: ["Please check: {0}", "請檢查：{0}", "请检查：{0}", "Verifique: {0}"],
  menu: ["More options", "更多選項", "更多选项", "Mais opções"],
  privacy: ["Privacy", "私隱", "隐私", "Privacidade"],
  details: ["Details", "詳情", "详情", "Detalhes"],
  agree: ["I agree", "同意", "同意", "Aceito"],
  decline: ["No, thank you", "不同意", "不同意", "Não, obrigado"],
  agreed: ["You have agreed. You can take it back at any time.", "你已同意，可隨時撤回。", "您已同意，可随时撤回。", "Aceitou. Pode retirar quando quiser."],
  declined: ["Nothing is noted of the pages you look at.", "我們不會記錄你瀏覽的頁面。", "我们不会记录您浏览的页面。", "Nada se regista das páginas que vê."],
  byMail: ["Answers by e-mail", "以電郵接收回覆", "邮件接收回复", "Respostas por e-mail"],
  mailTo: ["If you leave, answers go to {0}.", "如你離開，回覆會寄往 {0}。", "如您离开，回复会发送至 {0}。", "Se sair, as respostas vão para {0}."],
  mailAsk: ["Where shall answers go when you have left?", "你離開後，回覆寄往哪個電郵地址？", "您离开后，回复发到哪个邮箱？", "Para que e-mail vão as respostas quando sair?"],
  prove: ["Prove who you are", "驗證你的身分", "验证您的身份", "Provar quem é"],
  proveAsk: ["E-mail or phone number to which we send a code", "接收驗證碼的電郵或電話號碼", "接收验证码的邮箱或电话号码", "E-mail ou telefone para onde enviamos um código"],
  codeAsk: ["If {0} can be reached, a code is on its way. Type it here:", "若 {0} 可以聯絡，驗證碼已發出，請在此輸入：", "若 {0} 可以联系，验证码已发出，请在此输入：", "Se {0} puder ser contactado, o código vai a caminho. Escreva-o aqui:"],
  codeBad: ["This code is wrong, used or too old.", "驗證碼錯誤、已使用或已過期。", "验证码错误、已使用或已过期。", "Este código está errado, já foi usado ou expirou."],
  proven: ["Thank you. This is proven now.", "謝謝，驗證成功。", "谢谢，验证成功。", "Obrigado. Está provado."],
  proveInstead: ["Prove it with a code instead", "改用驗證碼證明", "改用验证码证明", "Provar antes com um código"],
  provenSay: ["I have proven who I am. Where is my order?", "我已驗證身分。我的訂單在哪裡？", "我已验证身份。我的订单在哪里？", "Já provei quem sou. Onde está a minha encomenda?"],
  fileMost: ["At most {0} files in one message.", "每則訊息最多 {0} 個檔案。", "每条消息最多 {0} 个文件。", "No máximo {0} ficheiros por mensagem."],
};

const STYLE = `
:host{--star:#a86500}
@media (prefers-color-scheme:dark){:host{--star:#f0b84a}}
.rating{width:100%;margin-top:10px;padding:12px;border:1px solid var(--line);border-radius:16px}
.rating textarea,.address{margin-bottom:10px}
.address{display:block;width:100%;min-height:44px;padding:10px 12px;font:inherit;font-size:16px;color:inherit;border:1.5px solid #858a87;border-radius:14px;background:none}
fieldset{border:0;padding:0;display:flex}
.star{width:44px;font-size:30px;line-height:44px;text-align:center;color:var(--star);border-radius:12px;cursor:pointer}
.star:focus-within{outline:3px solid var(--ink);outline-offset:2px}
.star::after{content:"\\2606"}
.star.on::after{content:"\\2605"}
.rating h3{font-size:16px;margin-bottom:8px}
select{display:block;width:100%;min-height:44px;margin-bottom:10px;padding:10px 12px;font:inherit;font-size:16px;color:inherit;border:1.5px solid #858a87;border-radius:14px;background:var(--paper)}
select:focus-visible,.address:focus-visible{outline-width:2px;outline-offset:-1px}
.notice,.menu{padding:10px 18px;border-bottom:1px solid var(--line);font-size:14px}
.mail:not(:empty){padding:4px 16px;font-size:13px;color:var(--soft)}
.menu{display:flex;flex-direction:column;padding:4px 10px}
.menu button{text-align:start;border-radius:12px;padding:0 10px}
.menu button:hover{background:var(--fill)}
.meta button{font-weight:600;text-decoration:underline}
.greet{position:absolute;right:0;bottom:74px;display:flex;width:max-content;max-width:min(320px,100vw - 40px);border:1px solid var(--line);border-radius:var(--baton-radius,18px);background:var(--paper);box-shadow:0 6px 20px #0003}
.greet div{flex:1}
.greet .said{padding:10px 0 10px 16px;text-align:start;overflow-wrap:anywhere}
.tray div{display:flex;align-items:center;gap:4px;font-size:13px}
.tray span{flex:1;overflow-wrap:anywhere}
.tray span small{display:block}
.tray>small{white-space:pre-line}
.files{display:flex;flex-direction:column;gap:6px;max-width:86%;margin-top:4px}
.files button{border:1.5px solid var(--soft);border-radius:14px;padding:6px 14px;text-align:start;overflow-wrap:anywhere;overflow:hidden}
.files button.picture{padding:0}
.files img{display:block;max-width:100%;max-height:220px;object-fit:contain}`;

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const MOST_FILES = 10;
const MOST_WAITING = 50e6;
const RETRY_SECONDS = 30;

/** Whom a JWT names; the server alone judges whether that is so. */
function memberOf(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub;
  } catch {
    return null;
  }
}

/** The bytes of files that wait for the network, by id, in IndexedDB. */
class KeptBytes {
  constructor(name) {
    this.name = name;
  }

  open() {
    return new Promise((done, failed) => {
      const asked = indexedDB.open(this.name);
      asked.onupgradeneeded = () => asked.result.createObjectStore("files");
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  /** One method of an object store; resolves when it is done on disk. */
  async run(method, ...args) {
    const database = await this.open();
    try {
      const transaction = database.transaction("files", "readwrite");
      const asked = transaction.objectStore("files")[method](...args);
      return await new Promise((done, failed) => {
        transaction.oncomplete = () => done(asked.result);
        transaction.onabort = () => failed(transaction.error);
      });
    } finally {
      database.close();
    }
  }
}

export class More {
  constructor(chat, tools) {
    Object.assign(this, { chat, tools, api: chat.api, store: chat.store, pictures: new Map(), refused: null, visits: 0, fileNote: tools.h("small", { role: "status" }) });
    Object.assign(this, { kept: new KeptBytes(chat.store.prefix), sending: new Map(), notes: new Map() });
    Object.assign(tools.WORDS, WORDS);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    chat.shadowRoot.adoptedStyleSheets = [...chat.shadowRoot.adoptedStyleSheets, sheet];
    new MutationObserver(() => chat.isOpen && this.form?.elements[0].focus()).observe(chat.panel, { attributeFilter: ["open"] });
    window.visualViewport?.addEventListener("resize", () => this.fit());
  }

  word(key, value) {
    return this.chat.word(key, value);
  }

  /** Above a phone's keyboard. */
  fit() {
    const { height, offsetTop } = window.visualViewport || {};
    if (!height) return;
    this.chat.panel.style.setProperty("--height", `${height}px`);
    this.chat.panel.style.setProperty("--top", `${offsetTop}px`);
  }

  /** How much of the longest message is written. */
  counted() {
    const length = [...this.chat.input.value].length;
    const most = this.tools.MESSAGE_LIMIT;
    const number = (count) => count.toLocaleString(this.chat.language);
    this.chat.count.textContent = length < most * 0.9 ? "" : `${length > most ? this.word("tooLong") : ""} ${number(length)} / ${number(most)}`;
  }

  // Who it is

  memberOf(token) {
    return memberOf(token);
  }

  /** The signed identity to exchange now. Another member's chat is forgotten first; who is in already is not asked again. */
  async identity(given) {
    if (given === this.outdated) return undefined;
    this.outdated = undefined;
    const token = typeof given === "function" ? await Promise.resolve().then(given).catch(() => undefined) : given;
    if (typeof token !== "string" || (token && token === this.refused)) return undefined;
    const member = this.store.get("member");
    const next = token && memberOf(token);
    if (member && member !== next) this.forget();
    return token && (member !== next || !this.store.get("token")) ? token : undefined;
  }

  refuse(token, { message }) {
    this.refused = token;
    this.chat.dispatchEvent(new CustomEvent("baton-identity-refused", { detail: message }));
  }

  /** Ends the session here and at the server; what was said stays with its customer. */
  async logout() {
    await this.api.opening?.catch(() => {});
    await this.forget();
    this.chat.feed.stop();
  }

  /** Forgets here at once; resolves when the server has been told. */
  forget() {
    const token = this.store.get("token");
    const told = token && this.api.send("DELETE", "/v1/widget/sessions", { token }).catch(() => {});
    for (const key of [...this.store.keys("").filter((one) => one !== "token"), "token"]) this.store.remove(key); // the other tabs wait for the last
    this.emptied();
    return Promise.all([told, this.kept.run("clear").catch(() => {})]);
  }

  /** Another tab has logged out, or in as somebody: what this page says of that is older, unless it is asked each time. */
  tokenChanged({ oldValue, newValue }) {
    const { given = this.chat.dataset.identity } = this.chat;
    if (oldValue && typeof given !== "function") this.outdated = given;
    this.emptied();
    if (newValue) this.chat.wake();
    else this.chat.feed.stop();
  }

  emptied() {
    const { chat } = this;
    this.visits += 1;
    for (const picture of this.pictures.values()) picture.then(URL.revokeObjectURL, () => {});
    this.pictures.clear();
    chat.messages.clear();
    Object.assign(chat, { readSent: 0, fresh: false });
    chat.input.value = this.store.get("draft") || "";
    chat.feed.cursor = 0;
    chat.feed.drop();
    chat.stateChanged({});
    chat.typingChanged({});
    chat.relabel();
    this.question?.remove();
    this.tell("");
    this.tray();
  }

  // Greeting

  /** A word beside the button before anything is asked, once in so many hours for this browser, never over an open chat. Whether it is shown. */
  async greet(text, { hours = 24, seconds = 0 } = {}) {
    const key = `greeted:${text}`;
    const due = () => !this.chat.isOpen && Date.now() - (this.store.get(key) || 0) >= hours * 3_600_000;
    if (!text || !due()) return false;
    await new Promise((done) => setTimeout(done, seconds * 1000));
    if (!due()) return false;
    this.store.set(key, Date.now());
    this.showGreeting(String(text));
    return true;
  }

  showGreeting(text) {
    const { h, icon } = this.tools;
    const { panel, launcher } = this.chat;
    const words = h("div", { role: "status" });
    const away = () => {
      opened.disconnect();
      box.remove();
    };
    const dismiss = () => {
      away();
      launcher.focus();
    };
    const box = h("div.greet", { lang: this.chat.language, onkeydown: ({ key }) => key === "Escape" && dismiss() },
      words, h("button.icon", { "aria-label": this.word("dismiss"), onclick: dismiss }, icon("M6 6l12 12M18 6L6 18")));
    const opened = new MutationObserver(() => panel.open && away());
    this.chat.shadowRoot.querySelector(".greet")?.remove();
    opened.observe(panel, { attributeFilter: ["open"] });
    launcher.before(box);
    setTimeout(() => words.append(h("button.said", { onclick: () => this.chat.open() }, text)), 50); // a region that is there already is read out
  }

  // Asked beside the chat

  /** What the house asks: a form before the chat, whether pages may be noted. Told again with each session and language. */
  ask(asks) {
    this.chat.asked = asks;
    this.askForm(asks?.form);
    this.askConsent(asks?.consent);
    this.showMail(asks?.email);
    this.showMenu(asks);
  }

  /** A part of it is settled; the next page knows it too. */
  settled(part) {
    const config = this.store.get("config");
    const asks = { ...config?.asks, ...part };
    this.store.set("config", { ...config, asks });
    this.ask(asks);
  }

  /** Stands in place of the composer until it is given or skipped; what was typed in it stays when its language changes. */
  askForm(form) {
    const { chat } = this;
    const print = JSON.stringify(form || null);
    if (print === this.formPrint) return;
    const active = chat.shadowRoot.activeElement;
    const typed = this.form ? Object.fromEntries(new FormData(this.form)) : {};
    const focus = active && (active === chat.input || this.form?.contains(active));
    this.form?.remove();
    this.formPrint = print;
    this.form = form && this.formOf(form, typed);
    if (form) chat.typing.before(this.form);
    chat.input.form.hidden = Boolean(form);
    chat.toEnd();
    if (form && focus) this.form.elements[0].focus();
  }

  formOf({ title, fields }, typed) {
    const { h, clean } = this.tools;
    const error = h("div.bad", { role: "alert", id: "form-bad" });
    const failed = ({ status, message, field, key = "fieldBad" }) => {
      if (status === 409) return this.formGiven();
      const wrong = fields.find(({ name }) => name === field);
      error.textContent = wrong ? this.word(key, wrong.label) : (status && message) || this.word("failed");
      if (!wrong) return undefined;
      form.elements[field].ariaInvalid = true;
      return form.elements[field].focus();
    };
    const give = (values) => this.api.call("POST", "/v1/widget/form", { fields: values }).then(() => this.formGiven(), failed);
    const submit = (event) => {
      event.preventDefault();
      error.textContent = "";
      const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, clean(value)]));
      for (const { name } of fields) form.elements[name].ariaInvalid = false;
      const missing = fields.find(({ name, required }) => required && !values[name]);
      return missing ? failed({ field: missing.name, key: "fieldNeeded" }) : give(values);
    };
    const skip = !fields.some(({ required }) => required) && h("button.pill", { type: "button", onclick: () => give({}) }, this.word("skip"));
    const form = h("form.rating", { "aria-labelledby": "form-title", novalidate: "", onsubmit: submit }, h("h3", { id: "form-title" }, title),
      ...fields.flatMap((field) => this.fieldOf(field, typed[field.name])), error, h("div.quick", {}, h("button.pill", {}, this.word("begin")), skip));
    return form;
  }

  fieldOf({ name, kind, label, required, choices }, typed) {
    const { h } = this.tools;
    const id = `form-${name}`;
    const common = { id, name, "aria-describedby": "form-bad", ...(required && { required: "" }) };
    const options = [h("option", { value: "" }), ...choices.map((one) => h("option", { value: one.value }, one.label))];
    const autocomplete = { name: "name", email: "email", phone: "tel" }[kind];
    const field = kind === "choice" ? h("select", common, ...options)
      : kind === "text" ? h("textarea", { ...common, maxlength: 500 })
      : h("input.address", { ...common, maxlength: 300, autocomplete, inputmode: autocomplete === "name" ? "text" : autocomplete });
    if (typed) field.value = typed;
    return [h("label", { for: id }, label, " ", !required && h("small", {}, this.word("optional"))), field];
  }

  formGiven() {
    this.settled({ form: null });
    this.chat.input.focus();
  }

  /** The notice, until something was said to it; `again`: from the menu, to change one's mind. The chat goes on beside it. */
  askConsent(consent, again) {
    const print = JSON.stringify([consent, this.chat.language]);
    if (!again && this.notice?.isConnected && print === this.noticePrint) return;
    this.notice?.remove();
    this.noticePrint = print;
    if (consent && (again || consent.granted === null)) this.chat.scroller.before((this.notice = this.noticeOf(consent)));
    if (again) this.notice.querySelector("button").focus();
  }

  noticeOf(consent) {
    const { h } = this.tools;
    const { text, link, version, granted } = consent;
    const error = h("div.bad", { role: "alert" });
    const failed = ({ status, message }) => {
      if (status === 409) this.api.openSession().catch(() => {});
      error.textContent = (status && message) || this.word("failed");
    };
    const choice = (key, value) => h("button.pill", { onclick: () => this.api.call("POST", "/v1/widget/consent", { granted: value, version }).then(() => this.consented(consent, value), failed) }, this.word(key));
    const state = granted === null ? "" : h("p", {}, this.word(granted ? "agreed" : "declined"));
    return h("section.notice", { "aria-label": this.word("privacy") }, h("p", {}, text, " ", link && this.chat.link(this.word("details"), link)), state,
      h("div.quick", {}, choice("agree", true), choice("decline", false)), error);
  }

  consented(consent, granted) {
    this.notice.remove();
    this.settled({ consent: { ...consent, granted } });
    this.chat.say(this.word(granted ? "agreed" : "declined"));
    (this.form?.elements[0] || this.chat.input).focus();
  }

  /** Where answers go when the visitor has gone, said plainly. */
  showMail(email) {
    this.mailLine ??= this.tools.h("p.mail", { role: "status" });
    const text = email?.to ? this.word("mailTo", email.to) : "";
    if (!this.mailLine.isConnected) this.chat.input.form.before(this.mailLine);
    if (this.mailLine.textContent !== text) this.mailLine.textContent = text;
  }

  askMail() {
    const save = (address) => this.api.call("POST", "/v1/widget/email", { address }).then((email) => this.settled({ email }));
    this.askOne({ key: "mailAsk", autocomplete: "email", bad: "fieldBad", save });
  }

  /** An address or number, then the code that came there; `then` goes on when it is proven. */
  prove(then) {
    const ask = (value) => {
      const kind = value.includes("@") ? "email" : "phone";
      return this.api.call("POST", "/v1/widget/identity/codes", { kind, value }).then(() => setTimeout(() => this.askCode(value, then)));
    };
    this.askOne({ key: "proveAsk", autocomplete: "email", bad: "addressBad", save: ask });
  }

  /** Beside the bot's question for the address of an order: who has proven an address needs not say it. */
  offer() {
    if (!this.store.get("config")?.asks?.codes?.length) return "";
    const again = () => this.chat.send(this.word("provenSay"), { payload: "/track_order" });
    return this.tools.h("div.quick", {}, this.tools.h("button.pill", { onclick: () => this.prove(again) }, this.word("proveInstead")));
  }

  /** A wrong code is 401 too: it is not sent a second time, as each counts. */
  askCode(value, then) {
    const redeem = async (code) => {
      await this.api.send("POST", "/v1/widget/identity/codes/redeem", { body: { code }, token: await this.api.token() });
      this.chat.say(this.word("proven"));
      this.chat.feed.drop(); // what the same customer wrote elsewhere may be seen now
      then?.();
    };
    this.askOne({ key: "codeAsk", value, autocomplete: "one-time-code", bad: "codeBad", save: redeem });
  }

  /** One question in place of a notice, with a way to close it; the focus goes there and back. */
  askOne({ key, value, autocomplete, bad, save }) {
    const { h, clean, icon } = this.tools;
    const field = h("input.address", { id: "one", autocomplete, maxlength: 300, "aria-describedby": "one-bad" });
    const error = h("div.bad", { role: "alert", id: "one-bad" });
    const away = () => {
      this.question.remove();
      this.chat.input.focus();
    };
    const failed = ({ status, message }) => {
      error.textContent = status === 422 || status === 401 ? this.word(bad, field.value) : (status && message) || this.word("failed");
      field.ariaInvalid = true;
      field.focus();
    };
    const submit = (event) => {
      event.preventDefault();
      error.textContent = "";
      return clean(field.value) ? save(clean(field.value)).then(away, failed) : failed({ status: 422 });
    };
    this.question?.remove();
    this.question = h("form.notice", { novalidate: "", onsubmit: submit }, h("label", { for: "one" }, this.word(key, value)), field, error,
      h("div.quick", {}, h("button.pill", {}, this.word("send")), h("button.icon", { type: "button", "aria-label": this.word("dismiss"), onclick: away }, icon("M6 6l12 12M18 6L6 18"))));
    this.chat.scroller.before(this.question);
    field.focus();
  }

  /** What can be changed later, behind a button beside the one that closes. */
  showMenu(asks) {
    const { h, icon } = this.tools;
    const items = [
      asks?.codes?.length && ["prove", () => this.prove()],
      asks?.email && ["byMail", () => this.askMail()],
      asks?.consent && ["privacy", () => this.askConsent(this.chat.asked.consent, true)],
    ].filter(Boolean);
    const print = JSON.stringify([items.map(([key]) => key), this.chat.language]);
    if (print === this.menuPrint) return; // it may be open
    this.menuPrint = print;
    this.menu?.remove();
    this.menuList?.remove();
    if (!items.length) return;
    const open = (on) => {
      this.menuList.hidden = !on;
      this.menu.ariaExpanded = on;
      if (on) this.menuList.firstChild.focus();
    };
    const away = (event) => {
      if (event.key !== "Escape" || this.menuList.hidden) return;
      event.stopPropagation();
      open(false);
      this.menu.focus();
    };
    const button = ([key, act]) => h("button", { onclick: () => [open(false), act()] }, this.word(key));
    this.menuList = h("div.menu", { id: "menu", role: "group", "aria-label": this.word("menu"), hidden: "", onkeydown: away }, ...items.map(button));
    this.menu = h("button.icon", { "aria-label": this.word("menu"), "aria-expanded": false, "aria-controls": "menu", onkeydown: away, onclick: () => open(this.menuList.hidden) },
      icon("M12 5v.01M12 12v.01M12 19v.01"));
    this.chat.closer.before(this.menu);
    this.chat.note.before(this.menuList);
  }

  // Messages

  /** What may be done with a message that the server refused. */
  failed(item) {
    const { h } = this.tools;
    const again = () => this.chat.outbox.save({ ...item, refused: undefined });
    return h("span", {}, h("button", { onclick: again }, this.word("retry")), h("button", { onclick: () => this.editAgain(item) }, this.word("edit")),
      h("div.bad", { role: "alert" }, item.refused));
  }

  editAgain({ client_id: id, text, files = [] }) {
    const { input } = this.chat;
    this.store.remove(`out:${id}`);
    this.store.set("files", [...this.chat.files, ...files]);
    input.value = [text, input.value].filter(Boolean).join("\n");
    this.tray();
    this.chat.inputChanged();
    input.focus();
    this.chat.renderLog();
  }

  rating(id) {
    const { h, clean, MESSAGE_LIMIT } = this.tools;
    if (this.store.get(`rated:${id}`)) return h("small.meta", {}, this.word("rated"));
    const stars = [1, 2, 3, 4, 5].map((score) => h("label.star", {}, h("input.sr", { type: "radio", name: "score", value: score, "aria-label": score })));
    const comment = h("textarea", { id: "comment", maxlength: MESSAGE_LIMIT });
    const error = h("div.bad", { role: "alert" });
    const score = () => stars.findIndex((star) => star.firstChild.checked) + 1;
    const post = (text) => this.api.call("POST", "/v1/widget/ratings", { rating_id: id, score: score(), comment: text });
    const paint = ({ target }) => {
      stars.forEach((star, at) => star.classList.toggle("on", at < score()));
      if (target.name) post().catch(() => {});
    };
    const submit = async (event) => {
      event.preventDefault();
      error.textContent = "";
      if (!score()) return stars[0].firstChild.focus();
      return post(clean(comment.value) || undefined).then(() => this.rated(id, form), (failure) => (error.textContent = (failure.status && failure.message) || this.word("failed")));
    };
    const form = h("form.rating", { onchange: paint, onsubmit: submit }, h("fieldset", {}, h("legend", {}, this.word("rate")), ...stars),
      h("label", { for: "comment" }, this.word("comment")), comment, error, h("button.pill", {}, this.word("send")));
    return form;
  }

  rated(id, form) {
    this.store.set(`rated:${id}`, true);
    form.replaceWith(this.rating(id));
    this.chat.input.focus();
  }

  /** Who would rather not wait leaves an address; what became of it, a message says. */
  callback(id) {
    const { h, clean } = this.tools;
    if (this.store.get(`callback:${id}`)) return "";
    const field = h("input.address", { id: "address", autocomplete: "email", maxlength: 300, "aria-describedby": "address-bad" });
    const error = h("div.bad", { role: "alert", id: "address-bad" });
    const failed = ({ status, message }) => {
      error.textContent = status === 422 ? this.word("addressBad") : (status && message) || this.word("failed");
      field.ariaInvalid = true;
      field.focus();
    };
    const submit = async (event) => {
      event.preventDefault();
      error.textContent = "";
      if (!clean(field.value)) return failed({ status: 422 });
      return this.api.call("POST", "/v1/widget/callback", { address: clean(field.value) }).then(() => this.calledBack(id, form), failed);
    };
    const form = h("form.rating", { onsubmit: submit, novalidate: "" }, h("label", { for: "address" }, this.word("address")), field, error,
      h("button.pill", {}, this.word("send")));
    return form;
  }

  calledBack(id, form) {
    this.store.set(`callback:${id}`, true);
    form.remove();
    this.chat.input.focus();
  }

  // Files

  get rules() {
    return this.store.get("config")?.files || { most: 0, kinds: [] };
  }

  /** Of one file, beside what is told of others; without a name in place of all. */
  tell(text, name) {
    if (!name) this.notes.clear();
    this.notes.set(name, text);
    this.fileNote.textContent = [...new Set(this.notes.values())].filter(Boolean).join("\n");
    if (!this.fileNote.isConnected) this.tray();
  }

  /** Before anything is chosen. */
  tellLimit() {
    this.tell(this.word("fileLimit", this.rules.most / 1e6));
  }

  chosen() {
    const files = [...this.chat.chooser.files];
    this.chat.chooser.value = ""; // or the same file could not be chosen again
    return this.attach(files);
  }

  /** Checks what can be checked here, then sends up one after the other; the server looks at what the bytes are. */
  async attach(files) {
    this.tell("");
    for (const file of files) {
      const problem = this.problemOf(file);
      if (problem) this.tell(problem, file.name);
      else await this.sendUp(file);
    }
    this.chat.input.focus();
  }

  problemOf({ name, size }) {
    const { most, kinds } = this.rules;
    if (this.chat.files.length >= MOST_FILES) return this.word("fileMost", MOST_FILES);
    if (size > most) return `${this.word("fileTooLarge", name)} ${this.word("fileLimit", most / 1e6)}`;
    return kinds.includes(name.split(".").pop().toLowerCase()) ? "" : this.word("fileKind", name);
  }

  async sendUp(file) {
    const { visits } = this;
    this.tell(this.word("sendingUp", file.name), file.name);
    const [given, said] = await this.post(file).then((answer) => [answer, ""], (error) => (error.isFinal ? [null, error.message] : this.keep(file)));
    if (visits === this.visits) {
      if (given) this.store.set("files", [...this.chat.files, given]);
      this.tell(said, file.name);
    } else if (given?.waiting) await this.kept.run("delete", given.id);
    this.tray();
    this.chat.inputChanged();
  }

  post(file) {
    return this.api.call("POST", `/v1/widget/files?name=${encodeURIComponent(file.name)}`, file);
  }

  /** Keeps a file until the network is back: how it stands in the tray, and what to say. */
  async keep(file) {
    const { name, type, size } = file;
    const all = this.waiting().reduce((sum, one) => sum + one.size, size);
    if (all > MOST_WAITING) return [null, `${this.word("fileFailed", name)} ${this.word("waitMost", MOST_WAITING / 1e6)}`];
    const id = this.tools.newId();
    const entry = { id, name, type, size, waiting: true };
    this.sendLater();
    return this.kept.run("put", file, id).then(() => [entry, this.word("fileWaits", name)], () => [null, this.word("fileNotKept", name)]);
  }

  /** Those of the next message and of unsent ones. */
  waiting() {
    const unsent = this.chat.outbox.items().flatMap(({ files = [] }) => files);
    return [...this.chat.files, ...unsent].filter((file) => file.waiting);
  }

  /** The network is back. The chooser may hold files from before this script could be fetched. */
  async connected() {
    if (!this.fileNote.isConnected) this.tray();
    if (this.chat.chooser.files.length) await this.chosen();
    for (const file of this.chat.files.filter(({ waiting }) => waiting)) {
      const error = await this.sendKept(file).catch((failure) => failure);
      if (error && !error.isFinal) return this.sendLater(error);
      if (error && this.inTray(file)) this.refuseKept(file, error);
    }
    return undefined;
  }

  sendLater({ retryAfter } = {}) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connected(), (retryAfter || RETRY_SECONDS) * 1000);
  }

  /** The files of a message, before it. True: it can go now. */
  async sendFirst(files) {
    for (const file of files.filter(({ waiting }) => waiting)) await this.sendKept(file);
    return true;
  }

  /** Once at a time, however many ask for it. */
  sendKept(file) {
    const { id } = file;
    if (!this.sending.has(id)) this.sending.set(id, this.sendKeptOnce(file).finally(() => this.sending.delete(id)));
    return this.sending.get(id);
  }

  /** Another tab may do the same; the first to be done counts. */
  async sendKeptOnce({ id, name }) {
    const waits = () => this.waiting().some((file) => file.id === id);
    const file = await this.kept.run("get", id).catch(() => null);
    if (!waits()) return;
    if (!file) throw Object.assign(new Error(this.word("fileNotKept", name)), { isFinal: true });
    const answer = await this.post(file);
    if (waits()) this.replace(id, answer, name);
  }

  replace(id, answer, name) {
    const swapped = (files = []) => files.map((file) => (file.id === id ? answer : file));
    if (this.inTray({ id })) this.store.set("files", swapped(this.chat.files));
    for (const item of this.chat.outbox.items()) this.store.set(`out:${item.client_id}`, { ...item, files: swapped(item.files) });
    this.kept.run("delete", id).catch(() => {});
    this.tell("", name);
    this.tray();
    this.chat.renderLog();
  }

  inTray({ id }) {
    return this.chat.files.some((file) => file.id === id);
  }

  refuseKept(file, { message }) {
    this.discard(file);
    this.tell(message, file.name);
  }

  /** The files of the next message, each with a way to take it back. */
  tray() {
    const { h, icon } = this.tools;
    const row = (file) => h("div", {}, h("span", {}, file.name, file.waiting && h("small", {}, this.word("waits"))), h("button.icon", {
      type: "button", "aria-label": this.word("remove", file.name), onclick: () => this.takeBack(file),
    }, icon("M6 6l12 12M18 6L6 18")));
    this.chat.tray.replaceChildren(...this.chat.files.map(row), this.fileNote);
  }

  takeBack(file) {
    this.discard(file);
    this.tell("", file.name);
    this.chat.input.focus();
  }

  discard({ id, waiting }) {
    this.store.set("files", this.chat.files.filter((file) => file.id !== id));
    const gone = waiting ? this.kept.run("delete", id) : this.api.call("DELETE", `/v1/widget/files/${id}`);
    gone.catch(() => {}); // the server throws it away after a day anyway
    this.tray();
    this.chat.inputChanged();
  }

  /** The files of a message: pictures in place, all else to be saved. */
  shown(files) {
    return this.tools.h("div.files", {}, ...files.map((file) => this.file(file)));
  }

  file(file) {
    const { h } = this.tools;
    const button = h("button", { type: "button", "aria-label": this.word("save", file.name), onclick: () => this.saveFile(file) }, file.name);
    if (PICTURES.includes(file.type)) this.bytes(file).then((url) => this.showPicture(button, { url, file }), () => {});
    return button;
  }

  showPicture(button, { url, file }) {
    const end = this.chat.atEnd();
    const picture = this.tools.h("img", { src: url, alt: file.name });
    picture.addEventListener("load", () => end && this.chat.toEnd());
    button.classList.add("picture");
    button.replaceChildren(picture);
  }

  /** An address of the bytes that lives in this page alone; what is no picture can only be saved. */
  bytes(file) {
    if (!this.pictures.has(file.id)) {
      const loaded = this.fetchBytes(file);
      this.pictures.set(file.id, loaded);
      loaded.catch(() => this.pictures.delete(file.id));
    }
    return this.pictures.get(file.id);
  }

  async fetchBytes({ id, type: kind, waiting }) {
    const data = waiting ? await this.kept.run("get", id) : await this.download(id);
    if (!data) throw new Error("Not kept");
    const type = PICTURES.includes(kind) ? kind : "application/octet-stream";
    return URL.createObjectURL(new Blob([data], { type }));
  }

  async download(id) {
    const response = await this.api.fetch("GET", `/v1/widget/files/${id}`, { token: await this.api.token() });
    return response.arrayBuffer();
  }

  saveFile(file) {
    const save = (href) => this.tools.h("a", { href, download: file.name }).click();
    return this.bytes(file).then(save, () => this.tell(this.word("fileGone", file.name)));
  }
}
