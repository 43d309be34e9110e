# Words that denote an event: class `trigger.KIND`, `label` the schema label.
# `mode`, `outcome` and the like are taken over as attributes. `weak=yes`: counts only beside an actor, target, weapon, casualty.
# Source: written for this project from the vocabulary of Arabic war reporting. Licence: that of this project.

[trigger.noun.attack.air as=noun label=AIRSTRIKE]
غارة / غارات
[trigger.noun.attack.strike as=noun label=AIRSTRIKE]
ضربة / ضربات
[trigger.noun.attack.bombing as=noun label=SHELLING]
قصف
[trigger.noun.attack.bombing as=noun label=SHELLING]
رشقة / رشقات
استهداف مدفعي | تراشق
[trigger.verb.attack.bombing as=verb label=SHELLING]
قصف / يقصف
دك / يدك
[trigger.verb.attack.air as=verb label=AIRSTRIKE]
أغار / يغير
[trigger.verb.attack.assault as=verb label=ATTACK]
هاجم / يهاجم
اعتدى / يعتدي
باغت / يباغت
[trigger.verb.attack.aim as=verb label=ATTACK]
استهدف / يستهدف
طال / يطال
[trigger.noun.attack.aim as=noun label=ATTACK]
استهداف / استهدافات
[trigger.noun.attack.assault as=noun label=ATTACK]
هجوم / هجمات
هجمة / هجمات
اعتداء / اعتداءات
[trigger.noun.attack.raid as=noun label=ATTACK mode=ground_assault]
كمين / كمائن
إغارة / إغارات
مجزرة / مجازر
مذبحة / مذابح
إنزال جوي / إنزالات جوية
[trigger.noun.attack.operation as=noun label=ATTACK]
عملية / عمليات
[trigger.noun.attack.event as=noun label=ATTACK weak=yes]
جريمة / جرائم
حادث / حوادث
حادثة / حوادث
[trigger.noun.attack.shooting as=noun label=ATTACK mode=shooting]
إطلاق نار
إطلاق رصاص
[trigger.noun.attack.shooting label=ATTACK mode=shooting]
إطلاق النار | إطلاق الرصاص | إطلاق نيران | إطلاق النيران | إطلاق أعيرة نارية | بإطلاق النار
[trigger.verb.attack.shooting label=ATTACK mode=shooting]
أطلق النار | أطلقت النار | أطلقوا النار | أطلقا النار | يطلق النار | تطلق النار | يطلقون النار | أطلق نار | أطلقوا الرصاص | أطلق الرصاص | أطلقت الرصاص | أطلقا الرصاص | فتح النار | فتحت النار | فتحوا النار | أطلق نيرانه | أطلقت نيرانها | فتح نيرانه | فتحت نيرانها | فتح نار | فتحوا نيران | أطلق عليه النار | أطلقوا عليه النار | أطلق النيران | أطلقت النيران | أطلق وابلا | أطلقوا وابلا
[trigger.noun.attack.stabbing as=noun label=ATTACK]
طعن
دهس
طعنة / طعنات
[trigger.verb.attack.stabbing as=verb label=ATTACK]
طعن / يطعن
دهس / يدهس
صدم / يصدم
دعس / يدعس
[trigger.noun.attack.killing as=noun label=ATTACK mode=assassination]
اغتيال / اغتيالات
[trigger.verb.attack.killing as=verb label=ATTACK mode=assassination]
اغتال / يغتال
[trigger.noun.attack.clash as=plural label=CLASH]
اشتباكات
معارك
مناوشات
[trigger.noun.attack.clash as=noun label=CLASH]
اشتباك / اشتباكات
معركة / معارك
[trigger.noun.attack.clash as=plural label=CLASH]
مواجهات
اقتتال
[trigger.verb.attack.clash as=verb label=CLASH]
اشتبك / يشتبك
تقاتل / يتقاتل
[trigger.noun.attack.blast as=noun label=EXPLOSION]
انفجار / انفجارات
تفجير / تفجيرات
[trigger.verb.attack.blast as=verb label=EXPLOSION]
انفجر / ينفجر
[trigger.verb.attack.blow_up as=verb label=EXPLOSION]
فجر / يفجر
[trigger.verb.attack.step as=verb label=EXPLOSION]
داس / يدوس
[trigger.verb.attack.fall as=verb label=SHELLING]
سقط / يسقط
هوى / يهوي
[trigger.noun.attack.fall as=noun label=SHELLING]
سقوط
[trigger.verb.attack.launch as=verb label=SHELLING]
أطلق / يطلق
أمطر / يمطر
ألقى / يلقي
[trigger.noun.attack.launch as=noun label=SHELLING]
إطلاق
إلقاء

[trigger.noun.attack.shot label=ATTACK mode=shooting]
النار | النيران | نيران | نيرانه | نيرانها | نيرانهم | الرصاص
[trigger.noun.kill as=noun label=KILL outcome=killed]
مقتل
قتل
استشهاد
مصرع
حتف
وفاة / وفيات
إعدام / إعدامات
تصفية / تصفيات
ذبح
تحييد
اغتيال
[trigger.noun.kill as=noun label=KILL outcome=killed]
ارتقاء
[trigger.verb.kill as=verb label=KILL outcome=killed]
قتل / يقتل
استشهد / يستشهد
[trigger.verb.die as=verb label=KILL outcome=killed]
توفي / يتوفى
قضى / يقضي
لقي حتفه / يلقى حتفه
فارق الحياة / يفارق الحياة
فقد حياته / يفقد حياته
[trigger.verb.kill as=verb label=KILL outcome=killed]
أعدم / يعدم
صفى / يصفي
أردى / يردي
ذبح / يذبح
حيد / يحيد
[trigger.noun.finish label=KILL outcome=killed]
القضاء | قضاء | قضت | قضى
[trigger.noun.toll as=noun label=KILL outcome=killed]
ضحية
[trigger.noun.injure as=noun label=INJURE outcome=injured]
إصابة
جرح
[trigger.verb.injure as=verb label=INJURE outcome=injured]
أصيب / يصاب
جرح / يجرح
أصاب / يصيب
[trigger.noun.reap label=KILL outcome=killed]
حصد | بحصد | حصدت | إزهاق
[trigger.noun.attack.use label=EXPLOSION mode=chemical]
استخدام
[trigger.noun.damage as=noun label=DAMAGE]
تدمير
حرق
احتراق
تخريب
إحراق
تضرر
انهيار
هدم
نسف
دمار
[trigger.noun.damage as=plural label=DAMAGE]
حريق
أضرار
حرائق
[trigger.verb.damage as=verb label=DAMAGE]
دمر / يدمر
تضرر / يتضرر
أحرق / يحرق
احترق / يحترق
تهدم / يتهدم
هدم / يهدم
انهار / ينهار
ألحق / يلحق
نسف / ينسف
[trigger.noun.detain as=noun label=DETAIN mode=arrest]
اعتقال / اعتقالات
توقيف / توقيفات
احتجاز
[trigger.noun.detain label=DETAIN mode=arrest]
إلقاء القبض | القبض
[trigger.noun.detain as=noun label=DETAIN mode=abduction]
اختطاف / اختطافات
خطف
[trigger.verb.detain as=verb label=DETAIN mode=arrest]
اعتقل / يعتقل
أوقف / يوقف
احتجز / يحتجز
ألقى القبض / يلقي القبض
[trigger.verb.detain label=DETAIN mode=capture]
أسروا | يأسر | أسرت
[trigger.verb.detain as=verb label=DETAIN mode=abduction]
اختطف / يختطف
خطف / يخطف
اقتاد / يقتاد
[trigger.noun.move as=noun label=MIL_MOVE]
استنفار / استنفارات
نصب
زرع
زراعة
تمشيط
مداهمة / مداهمات
نشر
انتشار
تحليق
توغل / توغلات
تمركز
حشود
إعادة تموضع
انسحاب
استعراض عسكري
[trigger.noun.move as=plural label=MIL_MOVE]
دوريات
[trigger.verb.move as=verb label=MIL_MOVE]
زرع / يزرع
نصب / ينصب
نشر / ينشر
انسحب / ينسحب
توغل / يتوغل
حلق / يحلق
تسلل / يتسلل
حشد / يحشد
انتشر / ينتشر
[trigger.noun.territory as=noun label=TERRITORY]
سيطرة
تحرير
استعادة
اجتياح
اقتحام / اقتحامات
طرد
دحر
تقدم
[trigger.verb.territory as=verb label=TERRITORY]
استعاد / يستعيد
حرر / يحرر
اقتحم / يقتحم
اجتاح / يجتاح
سيطر / يسيطر
طرد / يطرد
دحر / يدحر
[trigger.noun.disrupt as=noun label=DISRUPT]
تصد
إفشال
اعتراض
إحباط
إسقاط
تفكيك
إبطال
مصادرة
ضبط
[trigger.verb.disrupt as=verb label=DISRUPT]
اعترض / يعترض
أحبط / يحبط
أسقط / يسقط
تصدى / يتصدى
صد / يصد
أفشل / يفشل
فكك / يفكك
أبطل / يبطل
ضبط / يضبط
صادر / يصادر
