// A whole number in words, so that nobody takes 1,132 for 132: gc.inWords(1132, "zh") = 一千一百三十二, "en" = one thousand one hundred and
// thirty-two. A plain function, for 0 up to 99,999,999.
(function () {
  "use strict";
  const { gc } = window;
  const DIGITS = "零一二三四五六七八九";
  const STEPS = ["", "十", "百", "千"];
  const SMALL =
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
  const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

  // Four digits; a zero between two of them is said once.
  function four(n) {
    let text = "";
    let gap = false;
    for (let step = 3; step >= 0; step--) {
      const digit = Math.floor(n / 10 ** step) % 10;
      if (digit) text += (gap ? "零" : "") + DIGITS[digit] + STEPS[step];
      gap = !digit && text !== "";
    }
    return text;
  }
  // 两, not 二, where two of something are counted, and before 千 and 万 at the beginning; 十二, not 一十二.
  function zh(n) {
    if (n === 0) return DIGITS[0];
    if (n === 2) return "两";
    const [high, low] = [Math.floor(n / 10000), n % 10000];
    const text = (high ? (high === 2 ? "二" : four(high)) + "万" : "") + (high && low && low < 1000 ? "零" : "") + four(low);
    return text.replace(/^一十/, "十").replace(/^二(?=[千万])/, "两");
  }
  function hundreds(n) {
    const [hundred, rest] = [Math.floor(n / 100), n % 100];
    const tens = rest < 20 ? SMALL[rest] : TENS[Math.floor(rest / 10) - 2] + (rest % 10 ? "-" + SMALL[rest % 10] : "");
    return [hundred && SMALL[hundred] + " hundred", rest && tens].filter(Boolean).join(" and ");
  }
  function en(n) {
    if (n === 0) return SMALL[0];
    const [million, thousand, rest] = [Math.floor(n / 1e6), Math.floor(n / 1000) % 1000, n % 1000];
    const parts = [million && hundreds(million) + " million", thousand && hundreds(thousand) + " thousand"].filter(Boolean);
    if (rest) parts.push((parts.length && rest < 100 ? "and " : "") + hundreds(rest));
    return parts.join(" ");
  }
  /**
   * @param {number} n
   * @param {"zh"|"en"} lang
   * @returns {string}
   */
  gc.inWords = (n, lang) => (lang === "en" ? en(n) : zh(n));
})();
