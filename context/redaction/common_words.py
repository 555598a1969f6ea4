"""Words with a capital that are no names, whatever the shop."""

from __future__ import annotations

from nlu.text import words_of

STOPS = frozenset(
    words_of("""
        and but i my the a an is was not from of in at on for with to so because e mas eu o que do da em no na para com quero gostaria
        want would have has need number email phone order address please here by
    """)
)
"""Where an introduced name ends."""

CALENDAR = frozenset(
    words_of("""
        monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
        november december english chinese cantonese mandarin portuguese ok visa mastercard paypal whatsapp wechat alipay christmas macau
        macao hong kong china portugal lisbon
    """)
)
"""Days, months, and other words that are always written with a capital."""

COMMON = frozenset(
    words_of("""
        can could do does did how what where when why who which whose will should shall may might must are am be been was were had having
        you your yours we our ours they them their he she it its this that these those there then than if or as out up off about after
        before again also always never now soon today tomorrow yesterday yes no not dont cant ive im id ill please thanks thank thx
        hello hi hey dear sorry good great ok okay sure just still only very really some any all every each other another more most less
        much many few one two three four five let get got give send sent make made take need like love know think see look find help buy
        bought pay paid return refund cancel change check tell say said ask asked call called come came go going gone work works open
        closed bot baton shop store posso pode podem podia queria quando onde como qual quais quanto quanta quantos porque porquê quem
        vocês você tem têm tenho temos é está estão sim não já ainda também hoje amanhã ontem obrigado obrigada olá oi bom boa desculpe
        favor isto isso este esta esse essa aquele aquela meu minha seu sua nosso nossa os um uma uns umas ou se que mais menos muito
        muita todos todas tudo nada agora depois antes aqui ali vou vai vão fazer faz fazem dar enviar comprar pagar devolver trocar
        cancelar saber ver preciso gosto
    """)
)
"""Words that may begin a clause, in English and Portuguese."""

NAMELIKE = frozenset(
    words_of("""
        will may mark rose grace hope joy bill art frank grant jack rich dawn april june august summer sandy ruby amber jade pearl iris
        lily violet daisy robin drew chase dean earl duke king young long bush brown green white black gray hill wood stone rio mar luz sol
        clara linda branco preto santos cruz reis silva costa lima rosa
    """)
)
"""Words that are names as well: after "my name is" they are."""
