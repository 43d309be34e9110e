# People: nouns for those killed, hurt, held or armed; kinship; titles and jobs; first names.
# `status` is taken over as attribute. Source: written for this project. Licence: that of this project.

[person as=noun status=unknown]
شخص / أشخاص
مواطن / مواطنون ; status=civilian
مدني / مدنيون ; status=civilian
طفل / أطفال ; status=civilian demographic=children
طفلة / طفلات ; status=civilian demographic=children
رضيع / رضع ; status=civilian demographic=children
امرأة / نساء ; status=civilian demographic=women
سيدة / سيدات ; status=civilian demographic=women
فتاة / فتيات ; status=civilian demographic=women
رجل / رجال ; status=unknown
شاب / شبان / شباب ; status=civilian
شابة / شابات ; status=civilian demographic=women
فتى / فتيان ; status=civilian demographic=children
قاصر / قصر / قاصرون ; status=civilian demographic=children
مسن / مسنون ; status=civilian
ساكن / سكان ; status=civilian
نازح / نازحون ; status=civilian
لاجئ / لاجئون ; status=civilian
مهاجر / مهاجرون ; status=civilian
عامل / عمال ; status=civilian
موظف / موظفون ; status=civilian
طالب / طلاب / طلبة ; status=civilian
تلميذ / تلاميذ ; status=civilian
معلم / معلمون ; status=civilian
مدرس / مدرسون ; status=civilian
صحفي / صحفيون ; status=civilian
صحافي / صحافيون ; status=civilian
إعلامي / إعلاميون ; status=civilian
مصور / مصورون ; status=civilian
طبيب / أطباء ; status=civilian
مسعف / مسعفون ; status=civilian
ممرض / ممرضون ; status=civilian
سائق / سائقون ; status=civilian
راكب / ركاب ; status=civilian
سائح / سياح ; status=civilian
مصل / مصلون ; status=civilian
متظاهر / متظاهرون ; status=civilian
محتج / محتجون ; status=civilian
معتصم / معتصمون ; status=civilian
مزارع / مزارعون ; status=civilian
راع / رعاة ; status=civilian
صياد / صيادون ; status=civilian
تاجر / تجار ; status=civilian
متسوق / متسوقون ; status=civilian
قاض / قضاة ; status=civilian
محام / محامون ; status=civilian
ناشط / نشطاء / ناشطون ; status=civilian
عائلة / عائلات ; status=civilian
أسرة / أسر ; status=civilian
حاج / حجاج ; status=civilian
زائر / زوار ; status=civilian
بحار / بحارة ; status=civilian
متطوع / متطوعون ; status=civilian
مستوطن / مستوطنون ; status=civilian
شيخ / شيوخ ; status=civilian
إمام / أئمة ; status=civilian
بريء / أبرياء ; status=civilian
أعزل / عزل ; status=civilian
مار / مارة ; status=civilian
جار / جيران ; status=civilian
[person as=noun status=civilian]
رجل أعمال / رجال أعمال
رجل دين / رجال دين
رجل إسعاف / رجال إسعاف
رجل إطفاء / رجال إطفاء
عامل إغاثة / عمال إغاثة
موظف إغاثة / موظفو إغاثة
ناشط إغاثة / ناشطو إغاثة
عابر سبيل / عابرو سبيل
سائق شاحنة / سائقو شاحنات
سائق سيارة / سائقو سيارات
طالب مدرسة / طلاب مدارس
ناشط حقوقي / ناشطون حقوقيون
ناشط مدني / ناشطون مدنيون
عامل نظافة / عمال نظافة
مسؤول أمني / مسؤولون أمنيون
مسؤول محلي / مسؤولون محليون
مسؤول حكومي / مسؤولون حكوميون
[person.force as=noun status=state_force]
حارس أمن / حراس أمن
عون أمن / أعوان أمن
عون حرس / أعوان حرس
عون شرطة / أعوان شرطة
رقيب / رقباء
رقيب أول
عريف / عرفاء
عريف أول
ملازم / ملازمون
ملازم أول
نقيب / نقباء
جندي أول
وكيل أول
حارس حدود / حراس حدود
رجل حدود / رجال حدود
ضابط شرطة / ضباط شرطة
ضابط أمن / ضباط أمن
عنصر شرطة / عناصر شرطة
مدير أمن / مدراء أمن
عقيد في الجيش
[person as=noun status=civilian]
مهندس / مهندسون
خبير / خبراء
فني / فنيون
طباخ / طباخون
حلاق / حلاقون
فلاح / فلاحون
حارس / حراس ; status=unknown
خادم / خدم
عامل إنقاذ / عمال إنقاذ
راهب / رهبان
راهبة / راهبات ; demographic=women
قس / قساوسة
كاهن / كهنة
قسيس / قساوسة
مدون / مدونون
كاتب / كتاب
شاعر / شعراء
أستاذ / أساتذة
رضيعة / رضيعات ; demographic=children
جنين / أجنة ; demographic=children
توأم / توائم ; demographic=children
صبي / صبية / صبيان ; demographic=children
عجوز / عجائز
حامل / حوامل ; demographic=women
سجين / سجناء
نزيل / نزلاء
متسلل / متسللون ; status=unknown
مهرب / مهربون ; status=unknown
مطلق / مطلقون
متفرج / متفرجون
مشجع / مشجعون
لاعب / لاعبون
عداء / عداؤون
سائحة / سائحات ; demographic=women
ممرضة / ممرضات ; demographic=women
معلمة / معلمات ; demographic=women
طالبة / طالبات ; demographic=women
مواطنة / مواطنات ; demographic=women
صحفية / صحفيات ; demographic=women
صحافية / صحافيات ; demographic=women
شرطية / شرطيات ; status=state_force
مجندة / مجندات ; status=state_force
مدنية / مدنيات ; demographic=women
ضابطة / ضابطات ; status=state_force
رئيس بلدية / رؤساء بلديات
مختار / مخاتير
شيخ قبلي / شيوخ قبليون
زعيم قبلي / زعماء قبليون
وجيه / وجهاء
عمدة / عمد
نائب برلماني / نواب برلمانيون
مرشح / مرشحون
قنصل / قناصل
مفتش / مفتشون
مراقب / مراقبون
مسافر / مسافرون
حجاج
معتمر / معتمرون
صياد سمك / صيادو أسماك
متنزه / متنزهون
عابر / عابرون
مشيع / مشيعون
معزي / معزون
مدعو / مدعوون
ضيف / ضيوف
عروس / عرائس ; demographic=women
عريس / عرسان
متقاعد / متقاعدون
معاق / معاقون
مريض / مرضى
ناج / ناجون
ناخب / ناخبون
يهودي / يهود
مسيحي / مسيحيون
قبطي / أقباط
إيزيدي / إيزيديون
شيعي / شيعة
حوثي / حوثيون ; status=combatant
# Foreigners may be fighters: the word says nothing of their status.
[person as=noun]
أجنبي / أجانب
[person.member as=noun status=combatant]
عنصر / عناصر
مقاتل / مقاتلون
مسلح / مسلحون
متشدد / متشددون
متطرف / متطرفون
إرهابي / إرهابيون
جهادي / جهاديون
انتحاري / انتحاريون
انتحارية / انتحاريات
متمرد / متمردون
داعشي / دواعش
قيادي / قياديون / قيادات
قائد / قادة
قناص / قناصة
مرتزق / مرتزقة
أمير / أمراء
مهاجم / مهاجمون
منفذ / منفذون
مجاهد / مجاهدون
مشتبه به / مشتبه بهم
مطلوب / مطلوبون
خاطف / خاطفون
عميل / عملاء
فرد / أفراد ; status=unknown
عضو / أعضاء ; status=unknown
[person.force as=noun status=state_force]
جندي / جنود
عسكري / عسكريون
ضابط / ضباط
شرطي / شرطيون
مجند / مجندون
حارس / حراس
ضابط صف / ضباط صف
دركي / دركيون
مستشار عسكري / مستشارون عسكريون
مستشار / مستشارون
طيار / طيارون
عقيد / عقداء
جنرال / جنرالات
رجل أمن / رجال أمن
رجل شرطة / رجال شرطة
عنصر أمن / عناصر أمن
[person.force status=state_force]
رجال الأمن | رجال الشرطة | قوات الأمن والشرطة
[person.kin as=noun status=civilian]
طاقم / أطقم ; status=unknown
زوجة / زوجات ; demographic=women
زوج / أزواج
نجل / أنجال
ابن / أبناء
ابنة / بنات ; demographic=women
بنت / بنات ; demographic=women
والدة / والدات ; demographic=women
والد / آباء
أم / أمهات ; demographic=women
أب / آباء
أخ / إخوة / أشقاء
شقيق / أشقاء
شقيقة / شقيقات ; demographic=women
أخت / أخوات ; demographic=women
مرافق / مرافقون ; status=unknown
سائق / سائقون ; status=unknown
حفيد / أحفاد ; demographic=children
جد / أجداد
[person.kin status=civilian]
والديه
[person.official as=noun status=civilian]
مسؤول / مسؤولون
نائب / نواب
وزير / وزراء
سفير / سفراء
دبلوماسي / دبلوماسيون
سياسي / سياسيون
[casualty as=noun outcome=killed]
قتيل / قتلى
شهيد / شهداء
[casualty as=noun outcome=killed]
ضحية / ضحايا
جثة / جثث
جثمان / جثامين
وفاة / وفيات
[casualty as=noun outcome=injured]
جريح / جرحى
مصاب / مصابون
إصابة / إصابات
[casualty as=noun outcome=detained]
معتقل / معتقلون
أسير / أسرى
محتجز / محتجزون
رهينة / رهائن
مختطف / مختطفون
موقوف / موقوفون
[casualty as=noun outcome=missing]
مفقود / مفقودون
[casualty.losses as=plural outcome=unspecified]
خسائر بشرية
خسائر في الأرواح
[casualty.losses as=plural outcome=unspecified]
خسائر
[other_one]
آخر | آخرى | ثان | ثالث
[others as=plain]
آخرون | آخرين | أخرين | آخران | الآخرين | الآخرون
[origin as=adjective]
أجنبي / أجانب
محلي
[demonym as=adjective]
سوري ; country=SY
عراقي ; country=IQ
يمني ; country=YE
فلسطيني ; country=PS
لبناني ; country=LB
مصري ; country=EG
ليبي ; country=LY
تونسي ; country=TN
جزائري ; country=DZ
سوداني ; country=SD
صومالي ; country=SO
أفغاني / أفغان ; country=AF
أردني ; country=JO
سعودي ; country=SA
إماراتي ; country=AE
قطري ; country=QA
كويتي ; country=KW
بحريني ; country=BH
عماني ; country=OM
مغربي / مغاربة ; country=MA
موريتاني ; country=MR
إثيوبي ; country=ET
كيني ; country=KE
نيجيري ; country=NG
مالي ; country=ML
تشادي ; country=TD
باكستاني ; country=PK
هندي / هنود ; country=IN
إيطالي ; country=IT
ألماني / ألمان ; country=DE
إسباني / إسبان ; country=ES
هولندي ; country=NL
بلجيكي ; country=BE
صيني ; country=CN
أوكراني ; country=UA
شيشاني ; country=RU
أوزبكي / أوزبك ; country=UZ
كردي / أكراد ; country=KU
عربي / عرب
أوروبي
أممي
مسيحي
شيعي / شيعة
سني / سنة
إيزيدي
درزي / دروز
علوي
تركماني / تركمان
أميركي | أمريكي | أمريكى ; country=US
إسرائيلي ; country=IL
إيراني ; country=IR
تركي / أتراك ; country=TR
روسي / روس ; country=RU
بريطاني ; country=GB
فرنسي ; country=FR
[quality as=adjective]
مسلح
متشدد
متطرف
إرهابي
مدني
مجهول
ملثم
عسكري
أمني
طبي
محلي
مدجج
بارز
كبير
رفيع
أجنبي / أجانب
نافذ
مكثف
عنيف
جوي
بري
بحري
مدفعي
صاروخي
انتحاري
كيميائي
كيماوي
واسع
مماثل
متفرق
متقطع
متبادل
دام
دموي
مباغت
مضاد
غادر
إجرامي
جبان
شديد
متتال
متكرر
سابق
جديد
أخير
ضخم
قوي
متزامن
مزدوج
منفصل
وحشي
مروع
ليلي
غاشم
همجي
سافر
شرس
معاد
صغير
شاب
حكومي
رسمي
موثوق
خاص
ميداني
قبلي
محدود
جسيم
مادي
بشري
فادح
كثيف
حربي
مسير
ثقيل
خفيف
متوسط
متفجر
ناسف
مفخخ
أرضي
موجه
باليستي
حراري
محلي الصنع
متنقل
متحرك
رشاش
حارق
عنقودي
فوسفوري
خطير
بليغ
طفيف
متفاوت
حرج
أعزل / عزل
بريء / أبرياء
نازح
لاجئ
عديد
معارض
متمرد
انفصالي
انقلابي
جهادي
تكفيري
سلفي
منشق
محتل
غربي
إسلامي
وطني
شعبي
ديني
سياسي
سكني
[rank]
الأول | الثاني | الثالث | الرابع | الأولى | الثانية | الثالثة | الرابعة | الخامسة | الخامس | السادس | السادسة | السابع | السابعة | الثامن | الثامنة | التاسع | التاسعة | العاشر | العاشرة | ثاني | ثالث | رابع | أول | آخر | سابع | خامس
