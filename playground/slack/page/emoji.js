// Emoji shortcodes the page can show, as in Slack; an unknown one stays readable as `:name:`.

const TABLE = `
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|warning ⚠️
rotating_light 🚨|no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|construction 🚧|hourglass ⌛|hourglass_flowing_sand ⏳
stopwatch ⏱️|timer_clock ⏲️|alarm_clock ⏰|clock1 🕐|clock3 🕒|calendar 📅|date 📅|spiral_calendar_pad 🗓️|bell 🔔|no_bell 🔕
arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_forward ▶️|leftwards_arrow_with_hook ↩️|rewind ⏪
fast_forward ⏩|double_vertical_bar ⏸️|pause_button ⏸️|black_square_for_stop ⏹️|arrows_counterclockwise 🔄|repeat 🔁
heavy_plus_sign ➕|heavy_minus_sign ➖|question ❓|grey_question ❔|exclamation ❗|bangbang ‼️|information_source ℹ️
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|white_circle ⚪
black_circle ⚫|large_green_square 🟩|large_yellow_square 🟨|large_red_square 🟥|white_large_square ⬜|black_large_square ⬛
small_blue_diamond 🔹|small_orange_diamond 🔸|lock 🔒|unlock 🔓|key 🔑|shield 🛡️|crown 👑|gear ⚙️|wrench 🔧|hammer 🔨
hammer_and_wrench 🛠️|mag 🔍|link 🔗|package 📦|label 🏷️|memo 📝|clipboard 📋|page_facing_up 📄|scroll 📜|books 📚
book 📖|bar_chart 📊|chart_with_upwards_trend 📈|bulb 💡|fire 🔥|zap ⚡|boom 💥|sparkles ✨|star ⭐|tada 🎉
rocket 🚀|checkered_flag 🏁|triangular_flag_on_post 🚩|robot_face 🤖|computer 💻|desktop_computer 🖥️|floppy_disk 💾
cd 💿|satellite 🛰️|electric_plug 🔌|battery 🔋|globe_with_meridians 🌐|cloud ☁️|snowflake ❄️|umbrella ☔|anchor ⚓
ship 🚢|whale 🐳|wheel_of_dharma ☸️|eyes 👀|wave 👋|thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|ok_hand 👌|pray 🙏
raised_hand ✋|hand ✋|point_right 👉|point_down 👇|muscle 💪|clap 👏|bust_in_silhouette 👤|busts_in_silhouette 👥
smile 😄|slightly_smiling_face 🙂|thinking_face 🤔|sweat_smile 😅|joy 😂|cry 😢|sob 😭|skull 💀|ghost 👻|heart ❤️
speech_balloon 💬|thought_balloon 💭|zzz 💤|end 🔚|new 🆕|ok 🆗|sos 🆘|recycle ♻️|infinity ♾️|one 1️⃣|two 2️⃣|three 3️⃣
four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|broom 🧹|test_tube 🧪|dna 🧬|compass 🧭|world_map 🗺️|door 🚪
coffee ☕|night_with_stars 🌃|sunrise 🌅|crescent_moon 🌙|sunny ☀️|dart 🎯|traffic_light 🚦|vertical_traffic_light 🚦
`;

/** @type {ReadonlyMap<string, string>} */
const EMOJI = new Map(
  TABLE.trim()
    .split(/[\n|]/)
    .map((entry) => /** @type {[string, string]} */ (entry.trim().split(' '))),
);

/**
 * The character behind a shortcode (without its colons), or the shortcode itself.
 * @param {string} name
 * @returns {string}
 */
export function emoji(name) {
  return EMOJI.get(name) ?? `:${name}:`;
}

/**
 * Whether the page can draw this shortcode.
 * @param {string} name
 */
export function isEmoji(name) {
  return EMOJI.has(name);
}

/**
 * Replaces `:shortcodes:` in plain text.
 * @param {string} text
 */
export function withEmoji(text) {
  return text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI.get(name) ?? whole);
}
