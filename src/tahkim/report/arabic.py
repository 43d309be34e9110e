"""The report's words in Arabic, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping

ARABIC: Mapping[str, str] = {
    # Head
    "Agreement report": "تقرير الاتفاق",
    "Contents": "المحتويات",
    ", ": "، ",
    "documents": "الوثائق",
    "annotators": "الموسِّمون",
    "readings": "القراءات",
    "spans": "المقاطع",
    "relations": "العلاقات",
    "units": "الوحدات",
    "No document has two submitted readings: there is nothing to compare.": (
        "ليس لأي وثيقة قراءتان مُسلَّمتان: لا شيء يُقارن."
    ),
    "Only {n} groups of documents: intervals from fewer than 20 are rough.": (
        "عدد مجموعات الوثائق {n} فقط: المجالات من أقل من 20 مجموعة تقريبية."
    ),
    "Some readings began from suggestions: read the arms (blind, shown, mixed), not the pool.": (
        "بعض القراءات بدأت من اقتراحات: اقرأ كل ذراع على حدة (بلا اقتراح، باقتراح، مختلط)، لا المجموع وحده."
    ),
    "{of}: {n} groups of documents, intervals from fewer than 20 are rough": (
        "{of}: مجموعات الوثائق {n}، والمجالات من أقل من 20 مجموعة تقريبية"
    ),
    "{of}: some readings began from a pre-annotation ({arms}): read the arms, not the pool": (
        "{of}: بعض القراءات بدأت من توسيم مسبق ({arms}): اقرأ كل ذراع على حدة، لا المجموع"
    ),
    "no document has two submitted readings: there is nothing to compare": (
        "ليس لأي وثيقة قراءتان مُسلَّمتان: لا شيء يُقارن"
    ),
    "humans": "الناس فيما بينهم",
    "rules": "الناس مع القواعد",
    "gold": "الناس مع الذهب",
    "Overall": "الإجمال",
    "Pairs": "الأزواج",
    "Labels": "الوسوم",
    "Confusions": "الالتباس",
    "Boundaries": "الحدود",
    "Relations": "العلاقات",
    "Attributes": "السمات",
    "Drift": "التغيّر",
    "Anchoring": "أثر الاقتراح",
    "Annotators": "الموسِّمون",
    "Worst documents": "أسوأ الوثائق",
    "How to read this": "كيف يُقرأ هذا",
    # Figures
    "{value}, 95 % interval {low} to {high}": "{value}، مجال 95 ٪ من {low} إلى {high}",
    "undefined": "غير معرّف",
    "value and 95 % interval": "القيمة ومجال 95 ٪",
    "measure": "القياس",
    "pair": "الزوج",
    "label": "الوسم",
    "relation": "العلاقة",
    "attribute": "السمة",
    "annotator": "الموسِّم",
    "week": "الأسبوع",
    "month": "الشهر",
    "all": "الكل",
    "blind": "بلا اقتراح",
    "shown": "باقتراح",
    "mixed": "مختلط",
    "nothing": "لا شيء",
    # Reasons of what is undefined
    "documents have {low} to {high} annotators: alpha allows that, kappa does not": (
        "للوثائق من {low} إلى {high} موسِّمين: ألفا تقبل ذلك وكابا لا تقبله"
    ),
    "no such item in the arm: {arm}": "لا شيء من هذا في ذراع: {arm}",
    "no variation: every rating is the same label": "لا تنوّع: الوسم واحد في كل مكان",
    "nothing was rated by two annotators": "لم يقدّر موسِّمان شيئًا مشتركًا",
    "nothing is marked": "لا شيء موسوم",
    "by this metric no two of these labels differ, or they differ beyond measure": (
        "لا يختلف بهذا المقياس وسمان من هذه الوسوم، أو يختلفان بما لا يقاس"
    ),
    "too many annotators marked the same places for an exact alignment": (
        "وسَم المواضعَ نفسها موسِّمون أكثر من أن تُحسب المحاذاة المثلى"
    ),
    "no variation: every unit is empty": "لا تنوّع: كل الوحدات فارغة",
    "no item has ratings of two raters": "لا شيء قدّره اثنان",
    "no two units could bear it": "لا وحدتين تحتملان هذه العلاقة",
    "both are empty: they agree by convention": "كلتاهما فارغة: متفقتان بالاصطلاح",
    # Overall and pairs
    "Overall: people with each other": "الإجمال: الناس بعضهم مع بعض",
    "1 is full agreement. For kappa and the alphas 0 is what chance would give.": (
        "1 اتفاق تام. وفي كابا وألفا 0 هو ما تعطيه المصادفة."
    ),
    "With the rules": "مع القواعد",
    "With gold": "مع الذهب",
    "With {name}": "مع {name}",
    "Where gold was made from these readings, agreement with it flatters them.": (
        "إن صُنع الذهب من هذه القراءات فالاتفاق معه يجاملها."
    ),
    "Pairs of annotators": "أزواج الموسِّمين",
    "Spans with the same range and label (F1). Dark green is high; an orange cell is worth a talk.": (
        "المقاطع بالحدود والوسم نفسيهما (F1). الأخضر الداكن مرتفع، والخانة البرتقالية تستحق حديثًا."
    ),
    "no document in common": "لا وثيقة مشتركة",
    "Pairs as a list, least first": "الأزواج قائمةً، الأدنى أولًا",
    "{n} more pairs agree better than these.": "{n} زوجًا آخر اتفاقهم أعلى من هؤلاء.",
    # Labels, confusions, boundaries
    "Spans of each label with the same range (F1), people with each other.": (
        "مقاطع كل وسم بالحدود نفسها (F1)، الناس بعضهم مع بعض."
    ),
    "lenient": "متساهل",
    "token alpha": "ألفا الكلمات",
    "unitizing alpha": "ألفا التقطيع",
    "Which labels stand on one place": "أي وسوم تقع على موضع واحد",
    "How often two readers gave a place these two labels. Off the diagonal they differ; the last column is what "
    "only one of them marked.": (
        "كم مرة أعطى قارئان موضعًا هذين الوسمين. ما كان خارج القطر خلاف، والعمود الأخير ما وسمه أحدهما وحده."
    ),
    "Most frequent differences": "أكثر الخلافات",
    "against": "مقابل",
    "{n} rarer differences are not shown; the matrix counts them.": (
        "{n} خلافًا أندر لا تظهر هنا، وهي معدودة في المصفوفة."
    ),
    "Where ranges differ": "أين تختلف الحدود",
    "Places with one label on both sides and different ends, by what only one of them covers.": (
        "مواضع وسمها واحد عند القارئين وأطرافها مختلفة، بحسب ما يغطيه أحدهما وحده."
    ),
    "quote": "علامات اقتباس ومسافات",
    "article": "أل التعريف",
    "clitic": "حرف متصل",
    "class noun": "كلمة النوع",
    "conjunct": "معطوف",
    "words": "كلمات",
    # Relations and attributes
    "Relations with both spans exact (F1); soft takes the same places. Then how often two readings differ, by kind.": (
        "العلاقات ومقطعاها متطابقان (F1)؛ والمتساهل يكتفي بالمواضع نفسها. ثم كم مرة تختلف قراءتان، بحسب النوع."
    ),
    "soft": "متساهل",
    "alpha": "ألفا",
    "direction": "اتجاه",
    "endpoint": "طرف",
    "missing": "نقص",
    "Alpha of each attribute over the units both have, at its level of measurement.": (
        "ألفا كل سمة على الوحدات التي عند كليهما، بمستوى قياسها."
    ),
    "Rated by no two annotators, or always alike: {names}.": "لم يقدّرها موسِّمان معًا، أو لم تتنوّع: {names}.",
    # Drift
    "Drift: agreement over time": "التغيّر: الاتفاق عبر الزمن",
    "Spans with the same range and label (F1), by the ISO week the later of two readings was made.": (
        "المقاطع بالحدود والوسم نفسيهما (F1)، بحسب أسبوع القراءة المتأخرة من القراءتين (ISO)."
    ),
    "Spans with the same range and label (F1), by the month the later of two readings was made.": (
        "المقاطع بالحدود والوسم نفسيهما (F1)، بحسب شهر القراءة المتأخرة من القراءتين."
    ),
    "Where no reading says when it was made, the day the document was published stands for it.": (
        "حيث لا تذكر القراءة وقتها يقوم مقامه يوم نشر الوثيقة."
    ),
    "As a table": "في جدول",
    "below each period: documents": "تحت كل مدة: عدد الوثائق",
    "All readings were made in one period ({name}): there is no drift to see.": (
        "كل القراءات في مدة واحدة ({name}): لا تغيّر يُرى."
    ),
    "No reading says when it was made, and no document when it was published.": (
        "لا قراءة تذكر وقتها ولا وثيقة تذكر وقت نشرها."
    ),
    # Anchoring
    "Anchoring: what suggestions do to people": "أثر الاقتراح: ما تفعله الاقتراحات بالناس",
    "Held against gold. Suggestions that are right pull everyone closer to them, rightly. What harms: wrong ones that "
    "are kept, and things missed because nothing was suggested. To the right of 0 is more among those who saw "
    "suggestions.": (
        "بالقياس إلى الذهب. الاقتراح الصحيح يقرّب الجميع منه، وبحق. والضار خطأ يبقى، وشيء يفوت لأن أحدًا لم يقترحه. "
        "ما كان إلى يمين الصفر فهو أكثر عند من رأوا الاقتراحات."
    ),
    "share": "النسبة",
    "seen minus blind": "الفرق: باقتراح ناقص بلا اقتراح",
    "seen": "باقتراح",
    "By label": "بحسب الوسم",
    "Wrong suggestions kept, by rule, most first": "اقتراحات خاطئة بقيت، بحسب القاعدة، الأكثر أولًا",
    "rule": "القاعدة",
    "This needs gold, the suggestions of the rules and readings of people for the same documents; here it is not all "
    "there.": ("يلزم لهذا ذهب واقتراحات القواعد وقراءات الناس للوثائق نفسها، وليس كلها موجودًا هنا."),
    "Not counted: readings that began from {names}, whose suggestions are not in this data.": (
        "غير محسوبة: قراءات بدأت من {names}، واقتراحاتها ليست في هذه البيانات."
    ),
    # Annotators
    "Each annotator with all others who read the same documents: spans with the same range and label (F1).": (
        "كل موسِّم مع كل من قرأ الوثائق نفسها: المقاطع بالحدود والوسم نفسيهما (F1)."
    ),
    "of them blind": "منها بلا اقتراح",
    "minutes a document (median)": "دقائق للوثيقة (الوسيط)",
    "accepted": "مقبولة كما هي",
    "changed": "معدَّلة",
    "manual": "من عنده",
    "with": "مع",
    "all others, spans": "كل الآخرين، المقاطع",
    "all others, relations (same places)": "كل الآخرين، العلاقات (المواضع نفسها)",
    "Label by label, with all others": "وسمًا وسمًا، مع كل الآخرين",
    "{n} more partners share fewer documents.": "{n} شريكًا آخر وثائقهم المشتركة أقل.",
    "What differs most often": "ما يختلف فيه أكثر",
    "where others have": "حيث عند غيره",
    "where others have nothing": "حيث لا شيء عند غيره",
    "nothing where others have": "لا شيء حيث عند غيره",
    # Worst documents
    "Documents to talk about, worst first": "وثائق تستحق الحديث، الأسوأ أولًا",
    "The lines on which annotators differ, with a lane for each of them under the text, in the order of "
    "their names; what they differ on is shaded.": (
        "السطور التي يختلف فيها الموسِّمون، ولكل منهم مسار تحت النص بترتيب أسمائهم؛ وما يختلفون فيه مظلَّل."
    ),
    "F1 {f1}, {n} differences in {pairs} pairs": "F1 {f1}، الخلافات: {n}، الأزواج: {pairs}",
    "{n} more annotators have no lane here.": "{n} موسِّمًا آخر لا مسار لهم هنا.",
    "⋯ lines that all have alike: {n}": "⋯ سطور متفق عليها: {n}",
    "⋯ more lines with differences: {n}": "⋯ سطور أخرى فيها خلاف: {n}",
    "What they have at each place": "ما عندهم في كل موضع",
    "difference": "الخلاف",
    "boundary": "حدود",
    "split": "تجزئة",
    "not asked": "لم يُسأل عنه",
    "and {n} more places": "و{n} موضعًا آخر",
    # How to read this
    "Only submitted readings of people count, and only what both of a pair were asked for. Intervals are 95 % "
    "bootstrap over groups of documents ({samples} resamples, seed {seed}), for these annotators. A figure that is "
    "undefined says why.": (
        "لا يُحسب إلا ما سلّمه الناس، وإلا ما طُلب من طرفي الزوج كليهما. المجالات 95 ٪ بإعادة المعاينة من مجموعات الوثائق "
        "({samples} معاينة، البذرة {seed})، لهؤلاء الموسِّمين. والقيمة غير المعرّفة يُذكر سببها."
    ),
    # Measures
    "spans: same range and label (F1)": "المقاطع: الحدود والوسم نفسهما (F1)",
    "Of the spans of two readers, the share that both have with the same range and label.": (
        "من مقاطع قارئين، نسبة ما هو عند كليهما بالحدود والوسم نفسيهما."
    ),
    "spans: same but for clitics, article, quotes (F1)": "المقاطع: مع التساهل في أطراف الكلمة (F1)",
    "The same, where a proclitic, the article, vowel signs, quotes and spaces at the edges make no difference.": (
        "كالسابق، ولا يُحسب فرقًا حرف متصل ولا أل التعريف ولا التشكيل ولا علامات الاقتباس والمسافات في الطرفين."
    ),
    "spans: same label, half the range (F1)": "المقاطع: الوسم نفسه ونصف الحدود (F1)",
    "The same label, and ranges that share at least half of what they cover together.": (
        "الوسم نفسه، ومدى مشترك لا يقل عن نصف ما يغطيانه معًا."
    ),
    "spans: same range (F1)": "المقاطع: الحدود نفسها (F1)",
    "The same range, whatever the label.": "الحدود نفسها، أيًّا كان الوسم.",
    "tokens: kappa": "الكلمات: كابا",
    "Agreement on the label of each token beyond chance: Cohen's for two readers, Fleiss's for more; it needs the same "
    "number of readers everywhere.": (
        "الاتفاق على وسم كل كلمة فوق المصادفة: كابا كوهين لقارئين وفلايس لأكثر، وتشترط عدد القراء نفسه في كل وثيقة."
    ),
    "tokens: Krippendorff's alpha": "الكلمات: ألفا كريبندورف",
    "Agreement on the label of each token beyond chance, for any number of readers.": (
        "الاتفاق على وسم كل كلمة فوق المصادفة، لأي عدد من القراء."
    ),
    "characters: unitizing alpha": "الحروف: ألفا التقطيع",
    "Agreement on where spans lie and how long they are, beyond chance (Krippendorff 1995, 2004).": (
        "الاتفاق على مواضع المقاطع وأطوالها فوق المصادفة (كريبندورف 1995، 2004)."
    ),
    "units: gamma": "الوحدات: غاما",
    "Agreement of the best alignment of all spans, in place and label, beyond chance (Mathet et al. 2015).": (
        "اتفاق أفضل محاذاة للمقاطع كلها في الموضع والوسم فوق المصادفة (ماتيه وآخرون 2015)."
    ),
    "relations: same ends and label (F1)": "العلاقات: الطرفان والوسم نفسهما (F1)",
    "Of the relations of two readers, the share that both have with the same label between exactly the same spans.": (
        "من علاقات قارئين، نسبة ما هو عند كليهما بالوسم نفسه بين المقطعين نفسيهما تمامًا."
    ),
    "relations: same places and label (F1)": "العلاقات: الموضعان والوسم نفسهما (F1)",
    "The same label between the same places, even where the spans there differ in range or label.": (
        "الوسم نفسه بين الموضعين نفسيهما، ولو اختلفت حدود المقطعين أو وسماهما."
    ),
    "wrong suggestions kept": "اقتراحات خاطئة بقيت",
    "Of the suggestions that are not in gold, those a reader kept.": (
        "من الاقتراحات التي ليست في الذهب، ما أبقاه القارئ."
    ),
    "missed, not suggested": "فات ولم يُقترح",
    "Of what gold has and nothing suggested, what a reader missed.": "مما في الذهب ولم يقترحه شيء، ما فات القارئ.",
    "suggestions kept": "اقتراحات بقيت",
    "Of all suggestions, those a reader has just so.": "من كل الاقتراحات، ما هو عند القارئ كما هو.",
    "suggestions edited": "اقتراحات عُدّلت",
    "Of all suggestions, those a reader has with another range or label.": (
        "من كل الاقتراحات، ما هو عند القارئ بحدود أو وسم آخر."
    ),
    "suggestions deleted": "اقتراحات حُذفت",
    "Of all suggestions, those a reader has nothing for.": "من كل الاقتراحات، ما ليس عند القارئ شيء منه.",
}
