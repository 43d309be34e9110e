# Words of time. `value` as the resolver reads it: weekday Monday=0 …, month 1–12, ISO 8601 time-of-day codes.
# Month names: international, Levantine (Syriac), Maghrebi and Hijri. Source: written for this project. Licence: that of this project.

[time.weekday]
الاثنين | الإثنين | الأثنين ; value=0
الثلاثاء ; value=1
الأربعاء | الاربعاء ; value=2
الخميس ; value=3
الجمعة ; value=4
السبت ; value=5
الأحد | الاحد ; value=6
[time.month]
يناير | كانون الثاني | جانفي ; value=1
فبراير | شباط | فيفري ; value=2
مارس | آذار ; value=3
أبريل | نيسان | أفريل | إبريل ; value=4
مايو | أيار | ماي ; value=5
يونيو | حزيران | جوان | يونيه ; value=6
يوليو | تموز | جويلية | يوليوز | يوليه ; value=7
أغسطس | آب | أوت | غشت ; value=8
سبتمبر | أيلول | شتنبر ; value=9
أكتوبر | تشرين الأول ; value=10
نوفمبر | تشرين الثاني | نونبر ; value=11
ديسمبر | كانون الأول | دجنبر ; value=12
[time.hijri]
محرم | صفر | ربيع الأول | ربيع الآخر | جمادى الأولى | جمادى الآخرة | رجب | شعبان | رمضان | شوال | ذو القعدة | ذو الحجة
[time.part]
فجر | فجرا | الفجر ; value=TDA
صباح | صباحا | الصباح | ضحى ; value=TMO
ظهر | ظهرا | ظهيرة | الظهر ; value=TMI
عصر | عصرا | بعد ظهر | بعد ظهر يوم | العصر ; value=TAF
مساء | المساء | مغرب ; value=TEV
ليل | ليلة | ليلا | منتصف ليل | منتصف ليلة | الليل ; value=TNI
[time.today]
اليوم | هذا اليوم | نهار اليوم | يومنا هذا ; value=0
الليلة | هذه الليلة ; value=0
أمس | الأمس | البارحة ; value=-1
أول أمس | أمس الأول | أول من أمس | أول البارحة ; value=-2
الليلة الماضية | الليلة الفائتة ; value=-1
غدا | الغد ; value=1
[time.day]
يوم | نهار | اليوم
[time.unit as=noun]
ساعة / ساعات ; unit=H
يوم / أيام ; unit=D
أسبوع / أسابيع ; unit=W
شهر / أشهر / شهور ; unit=M
عام / أعوام ; unit=Y
سنة / سنوات / سنين ; unit=Y
دقيقة / دقائق ; unit=MIN
ليلة / ليالي ; unit=D
عقد / عقود ; unit=10Y
[time.edge]
مطلع | بداية | أوائل | مستهل ; value=start
منتصف | أواسط | وسط ; value=mid
نهاية | أواخر | ختام | آخر ; value=end
[time.last]
الماضي | الماضية | الفائت | الفائتة | المنصرم | المنصرمة | المنقضي | الأخير | الأخيرة | الماضيين | السابق | السابقة ; value=last
[time.this]
الجاري | الحالي | الحالية | الجارية | نفسه | ذاته ; value=this
[time.next]
المقبل | المقبلة | القادم | القادمة ; value=next
[time.ago]
قبل | منذ | بعد | خلال
[time.few as=adjective]
قليل
معدود
[time.late]
متأخرة | متأخر | مبكرة | مبكر | الأولى
[time.hour]
الساعة
[time.o_clock]
الواحدة | الثانية | الثالثة | الرابعة | الخامسة | السادسة | السابعة | الثامنة | التاسعة | العاشرة | الحادية عشرة | الثانية عشرة
