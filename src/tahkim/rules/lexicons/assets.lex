# Facilities, vehicles and materiel; `type` becomes asset_type. Source: written for this project. Licence: that of this project.

[asset as=noun type=base]
[asset.site as=noun type=base]
قاعدة / قواعد
قاعدة عسكرية / قواعد عسكرية
قاعدة جوية / قواعد جوية
[asset as=noun type=base]
قاعدة بحرية / قواعد بحرية
[asset.site as=noun type=base]
مطار عسكري / مطارات عسكرية
معسكر / معسكرات
ثكنة / ثكنات
ثكنة عسكرية / ثكنات عسكرية
[asset as=noun type=base]
معسكر تدريب / معسكرات تدريب
[asset as=noun type=hq_position]
مقر / مقرات / مقار
موقع / مواقع
موقع عسكري / مواقع عسكرية
نقطة / نقاط
نقطة عسكرية / نقاط عسكرية
نقطة مراقبة / نقاط مراقبة
نقطة رصد / نقاط رصد
مرصد
برج مراقبة / أبراج مراقبة
نقطة أمنية / نقاط أمنية
نقطة حراسة / نقاط حراسة
مركز قيادة / مراكز قيادة
[asset.site as=noun type=hq_position]
مركز شرطة / مراكز شرطة
[asset as=noun type=hq_position]
مركز للشرطة / مراكز للشرطة
قسم شرطة / أقسام شرطة
[asset.site as=noun type=hq_position]
مخفر / مخافر
[asset as=noun type=hq_position]
هدف / أهداف
تجمع / تجمعات
معقل / معاقل
جيب / جيوب
وكر / أوكار
خندق / خنادق
تحصينات
غرفة عمليات / غرف عمليات
مربض / مرابض
مديرية أمن / مديريات أمن
ثغرة / ثغور
[asset as=noun type=depot]
مستودع / مستودعات
مخزن / مخازن
مخزن أسلحة / مخازن أسلحة
مستودع أسلحة / مستودعات أسلحة
مستودع ذخيرة / مستودعات ذخيرة
مخزن للأسلحة / مخازن للأسلحة
مخزن ذخيرة / مخازن ذخيرة
[asset type=depot]
مستودع للأسلحة | مستودعات للأسلحة | مستودع للذخيرة | مستودع ذخائر | منشأة تخزين أسلحة | منشآت تخزين أسلحة | مخزن للذخيرة | مستودعات للذخيرة | مستودع للصواريخ
[asset as=noun type=vehicle]
سيارة / سيارات
سيارة عسكرية / سيارات عسكرية
سيارة مدنية / سيارات مدنية
سيارة إسعاف / سيارات إسعاف
عربة / عربات
عربة عسكرية / عربات عسكرية
عربة مدرعة / عربات مدرعة
مدرعة / مدرعات
مركبة / مركبات
مركبة عسكرية / مركبات عسكرية
آلية / آليات
آلية عسكرية / آليات عسكرية
حافلة / حافلات
باص / باصات
شاحنة / شاحنات
دراجة نارية / دراجات نارية
دراجة / دراجات
قارب / قوارب
سفينة / سفن
ناقلة نفط / ناقلات نفط
ناقلة / ناقلات
زورق / زوارق
قطار / قطارات
صهريج / صهاريج
جرافة / جرافات
دبابة / دبابات
توك توك
باخرة / بواخر
[asset as=noun type=vehicle]
مركب / مراكب
قارب صيد / قوارب صيد
[asset as=plural type=convoy]
تعزيزات
تعزيزات عسكرية
حشود
[asset as=noun type=convoy]
رتل / أرتال
رتل عسكري / أرتال عسكرية
قافلة / قوافل
قافلة عسكرية / قوافل عسكرية
موكب / مواكب
دورية
دورية أمنية
دورية عسكرية / دوريات عسكرية
قافلة مساعدات / قوافل مساعدات
[asset as=noun type=building]
مبنى / مبان / مباني
بناية / بنايات
برج / أبراج
برج حراسة / أبراج حراسة
[asset.site as=noun type=building]
فندق / فنادق
مطعم / مطاعم
[asset as=noun type=building]
مقهى / مقاه
[asset.site as=noun type=building]
متحف / متاحف
سفارة / سفارات
[asset as=noun type=building]
قنصلية / قنصليات
محكمة / محاكم
[asset.site as=noun type=building]
سجن / سجون
[asset as=noun type=building]
وزارة
مركز / مراكز
[asset.site as=noun type=building]
منشأة / منشآت
[asset as=noun type=building]
متجر / متاجر
محل / محال / محلات
مكتب / مكاتب
ورشة / ورش
[asset.site as=noun type=building]
معمل / معامل
مصنع / مصانع
ملعب / ملاعب
[asset as=noun type=building]
صالة / صالات
حديقة / حدائق
عمارة / عمارات
مقبرة / مقابر
معرض / معارض
بنك / بنوك
[asset as=noun type=home]
منزل / منازل
بيت / بيوت
شقة / شقق
خيمة / خيام
مزرعة / مزارع
فيلا / فلل
شقة سكنية / شقق سكنية
مبنى سكني / مباني سكنية
حي سكني / أحياء سكنية
مجمع سكني / مجمعات سكنية
[asset as=noun type=market]
[asset.site as=noun type=market]
سوق / أسواق
[asset as=noun type=market]
سوق شعبي / أسواق شعبية
سوق شعبية / أسواق شعبية
[asset as=noun type=medical]
[asset.site as=noun type=medical]
مستشفى / مستشفيات / مشافي / مشاف
مشفى / مشافي
[asset as=noun type=medical]
مستشفى ميداني / مستشفيات ميدانية
مركز طبي / مراكز طبية
مستوصف / مستوصفات
عيادة / عيادات
مركز صحي / مراكز صحية
صيدلية / صيدليات
نقطة طبية / نقاط طبية
[asset as=noun type=school]
[asset.site as=noun type=school]
مدرسة / مدارس
جامعة / جامعات
[asset as=noun type=school]
معهد / معاهد
[asset.site as=noun type=school]
كلية / كليات
روضة أطفال / رياض أطفال
[asset as=noun type=school]
حافلة مدرسية / حافلات مدرسية
[asset as=noun type=worship]
[asset.site as=noun type=worship]
مسجد / مساجد
جامع / جوامع
كنيسة / كنائس
حسينية / حسينيات
معبد / معابد
مرقد / مراقد
مزار / مزارات
دير / أديرة
كنيس / كنس
[asset as=noun type=oil_gas]
[asset.site as=noun type=oil_gas]
حقل / حقول
[asset as=noun type=oil_gas]
حقل نفطي / حقول نفطية
حقل غاز / حقول غاز
[asset.site as=noun type=oil_gas]
مصفاة / مصاف / مصافي
[asset as=noun type=oil_gas]
منشأة نفطية / منشآت نفطية
خط أنابيب / خطوط أنابيب
محطة وقود / محطات وقود
أنبوب / أنابيب
محطة بنزين / محطات بنزين
بئر نفط / آبار نفط
[asset as=noun type=checkpoint]
[asset.site as=noun type=checkpoint]
حاجز / حواجز
[asset as=noun type=checkpoint]
حاجز أمني / حواجز أمنية
حاجز عسكري / حواجز عسكرية
نقطة تفتيش / نقاط تفتيش
حاجز تفتيش / حواجز تفتيش
كمين أمني
سيطرة أمنية / سيطرات أمنية
[asset as=noun type=crossing]
[asset.site as=noun type=crossing]
معبر / معابر
معبر حدودي / معابر حدودية
منفذ / منافذ
بوابة / بوابات
[asset as=noun type=infrastructure]
[asset.site as=noun type=infrastructure]
مطار / مطارات
جسر / جسور
ميناء / موانئ
محطة / محطات
[asset as=noun type=infrastructure]
محطة كهرباء / محطات كهرباء
محطة مياه / محطات مياه
[asset.site as=noun type=infrastructure]
سد / سدود
مرفأ / مرافئ
[asset as=noun type=infrastructure]
طريق / طرق
شبكة كهرباء / شبكات كهرباء
رصيف / أرصفة
بنية تحتية / بنى تحتية
[asset as=noun type=tunnel]
[asset.site as=noun type=tunnel]
نفق / أنفاق
[asset as=noun type=camp]
مستوطنة / مستوطنات
بؤرة استيطانية / بؤر استيطانية
مخيم للنازحين / مخيمات للنازحين
مخيم للاجئين / مخيمات للاجئين
مركز إيواء / مراكز إيواء
[asset as=noun type=equipment]
رادار / رادارات
منظومة / منظومات
معدات عسكرية
عتاد
ذخيرة / ذخائر
منصة / منصات
[asset as=plural type=other]
ممتلكات
خيام
[tail]
عسكري | عسكرية | سكني | سكنية | مدني | مدنية | أمني | أمنية | شعبي | شعبية | حكومي | حكومية | تدريبية | تدريب | قيادة | مراقبة | تفتيش
