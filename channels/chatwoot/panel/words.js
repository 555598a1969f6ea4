// What the panel says, by the language of the account's people.
globalThis.batonWords = {
  en: {
    title: "Baton", token: "Your Baton token", enter: "Show suggestions", customer: "Customer", summary: "So far", suggestions: "Suggestions",
    questions: "Ask", actions: "Next steps", waiting: "Waiting for a conversation …", ask_token: "Enter your Baton token once.",
    none: "No suggestion for the last message.", copy: "Copy", copied: "Copied", dismiss: "Dismiss", internal: "For colleagues only",
    name: "Name", email: "E-mail", phone: "Phone", language: "Language", holder: "Held by", order: "Order", missing: "missing",
    bot: "the bot", queue: "nobody yet", answered: "Baton answered",
  },
  "zh-Hant": {
    title: "Baton", token: "你的 Baton 權杖", enter: "顯示建議", customer: "顧客", summary: "至今為止", suggestions: "建議回覆",
    questions: "可以詢問", actions: "下一步", waiting: "等候對話……", ask_token: "請輸入一次你的 Baton 權杖。",
    none: "最新訊息沒有建議回覆。", copy: "複製", copied: "已複製", dismiss: "略過", internal: "只供同事參考",
    name: "姓名", email: "電郵", phone: "電話", language: "語言", holder: "負責人", order: "訂單", missing: "尚欠",
    bot: "機器人", queue: "尚無人負責", answered: "Baton 回覆",
  },
};
