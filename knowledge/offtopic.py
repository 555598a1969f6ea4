"""Questions that a shop's or company's help pages do not answer: weather, sport, homework, medicine, other businesses, small talk."""

from __future__ import annotations

_EN = """
What will the weather be like tomorrow?
Who won the football match last night?
Can you help me with my maths homework?
What is the capital of Australia?
Which shares should I buy this year?
How do I get rid of a headache?
Tell me a joke about cats
What time does the film start at the cinema?
Can you book me a flight to Tokyo?
How many calories are in a banana?
Who is going to win the election?
How do I change a flat tyre on my car?
Write me a poem about the sea
What is the meaning of life?
Is this mole on my arm dangerous?
How do I learn to play the guitar?
Which phone has the best camera?
My neighbour is too loud, can I sue him?
What is the exchange rate of the yen today?
Do you rent out bicycles?
How do I renew my passport?
Translate this sentence into German for me
Are you a robot or a real human being?
Where can I see pandas?
How long should I boil an egg?
What is the population of Brazil?
Can I get a mortgage with a low income?
My internet connection is down
How tall is the Eiffel Tower?
Recommend a hotel with a swimming pool
Do you repair washing machines?
Are you looking for staff at the moment?
Can my doctor prescribe antibiotics by telephone?
Which vaccine do I need for Kenya?
Do you sell car batteries?
"""
_PT = """
Como vai estar o tempo amanhã?
Quem ganhou o jogo de futebol ontem?
Ajuda-me com os trabalhos de casa de matemática?
Qual é a capital da Austrália?
Em que ações devo investir este ano?
O que faço para passar a dor de cabeça?
Conta-me uma anedota sobre gatos
A que horas começa o filme no cinema?
Pode reservar-me um voo para Tóquio?
Quantas calorias tem uma banana?
Quem vai ganhar as eleições?
Como se muda um pneu do carro?
Escreve um poema sobre o mar
Qual é o sentido da vida?
Este sinal na pele é perigoso?
Como posso aprender a tocar guitarra?
Que telemóvel tem a melhor câmara?
O meu vizinho faz barulho, posso processá-lo?
Qual é o câmbio do iene hoje?
Alugam bicicletas?
Como renovo o passaporte?
Traduz esta frase para alemão
És um robô ou uma pessoa verdadeira?
Onde posso ver pandas?
Quanto tempo se coze um ovo?
Qual é a população do Brasil?
Consigo um crédito à habitação com pouco rendimento?
A minha ligação à internet caiu
Que altura tem a Torre Eiffel?
Recomenda-me um hotel com piscina
Arranjam máquinas de lavar roupa?
Estão a contratar pessoal neste momento?
O médico pode receitar antibióticos por telefone?
De que vacina preciso para o Quénia?
Vendem baterias de automóvel?
"""
_ZH = """
明天天氣怎麼樣？
昨晚足球比賽誰贏了？
可以幫我做數學功課嗎？
澳洲的首都是哪裡？
今年應該買哪隻股票？
頭痛怎麼辦？
講個關於貓的笑話
戲院的電影幾點開始？
可以幫我訂去東京的機票嗎？
一根香蕉有多少卡路里？
今次選舉邊個會贏？
汽車爆胎怎麼換？
寫一首關於大海的詩
人生的意義是什麼？
我手上這粒痣危險嗎？
怎樣學彈結他？
哪部手機的相機最好？
鄰居太吵，可以告他嗎？
今天日圓匯率是多少？
你們有單車出租嗎？
護照怎樣續期？
幫我把這句話翻譯成德文
你是機械人還是真人？
哪裡可以看到熊貓？
雞蛋要煮多久？
巴西有多少人口？
收入低可以申請按揭嗎？
我家上不了網
艾菲爾鐵塔有多高？
推薦一間有泳池的酒店
你們會修洗衣機嗎？
你哋而家請唔請人？
醫生可以電話開抗生素嗎？
去肯尼亞要打什麼疫苗？
有沒有汽車電池賣？
"""

OFF_TOPIC: dict[str, tuple[str, ...]] = {
    "en": tuple(_EN.strip().splitlines()),
    "pt": tuple(_PT.strip().splitlines()),
    "zh": tuple(_ZH.strip().splitlines()),
}
