"""Questions that a shop's or company's help pages do not answer: weather, sport, homework, medicine, other businesses, small talk."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

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
How do I reset the router at home?
Can you fix a cracked phone screen?
What are the side effects of ibuprofen?
How do I apply for a student visa?
Which university is best for law?
Do you have vegan pizza on the menu?
I would like a table for four tonight
How much does a taxi to the airport cost?
When does the next train leave?
Can I bring my dog to the cinema?
How do I file my tax return?
What is the interest rate on savings?
Do you offer yoga classes?
Where can I get a haircut nearby?
Is there parking near the stadium?
How do I get a driving licence?
Who wrote Don Quixote?
How far away is the moon?
What is the square root of 144?
Who is the president of France?
Recommend me a good film for tonight
Which laptop should I buy for video editing?
My printer does not print in colour
How do I remove a virus from my computer?
Can you write some Python code for me?
How do I grow tomatoes on a balcony?
My cat will not eat, what is wrong with her?
How do I lose ten kilos in a month?
What should I wear to a wedding?
Can you find me a flat to rent?
Do you do home insurance?
How do I adopt a child?
What is bitcoin worth at the moment?
Do you sell concert tickets?
What is your opinion of the government?
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
Como reinicio o router de casa?
Reparam ecrãs de telemóvel partidos?
Quais são os efeitos secundários do ibuprofeno?
Como peço um visto de estudante?
Qual é a melhor universidade para Direito?
Têm pizza vegana na ementa?
Queria uma mesa para quatro esta noite
Quanto custa um táxi até ao aeroporto?
A que horas sai o próximo comboio?
Posso levar o cão ao cinema?
Como entrego a declaração de impostos?
Qual é a taxa de juro da poupança?
Dão aulas de ioga?
Onde posso cortar o cabelo aqui perto?
Há estacionamento ao pé do estádio?
Como tiro a carta de condução?
Quem escreveu Dom Quixote?
A que distância fica a Lua?
Qual é a raiz quadrada de 144?
Quem é o presidente de França?
Recomenda-me um bom filme para hoje
Que portátil devo comprar para editar vídeo?
A minha impressora não imprime a cores
Como tiro um vírus do computador?
Escreves-me um programa em Python?
Como se plantam tomates na varanda?
A minha gata não come, o que terá?
Como perco dez quilos num mês?
O que devo vestir para um casamento?
Arranja-me um apartamento para alugar?
Fazem seguros de casa?
Como se adota uma criança?
Quanto vale agora a bitcoin?
Vendem bilhetes para concertos?
O que achas do governo?
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
家裡的路由器怎樣重設？
可以修理爆了的手機屏幕嗎？
布洛芬有什麼副作用？
學生簽證怎樣申請？
讀法律哪間大學最好？
餐牌上有純素薄餅嗎？
今晚想訂四人位
坐的士去機場要多少錢？
下一班火車幾點開？
可以帶狗去看電影嗎？
怎樣報稅？
定期存款利息多少？
有沒有瑜伽班？
附近哪裡可以剪頭髮？
球場附近有停車場嗎？
怎樣考車牌？
《紅樓夢》是誰寫的？
月球離地球有多遠？
144的平方根是多少？
法國總統是誰？
介紹一套好看的電影
剪片用買哪部手提電腦好？
打印機印不到彩色
電腦中毒怎麼辦？
幫我寫一段 Python 程式
陽台怎樣種番茄？
我隻貓唔肯食嘢，係咩事？
怎樣一個月減十公斤？
去飲應該著乜嘢衫？
幫我找一間出租的房子
你們做家居保險嗎？
怎樣領養小朋友？
比特幣現在值多少錢？
你們賣演唱會門票嗎？
你對政府有什麼看法？
"""

OFF_TOPIC: dict[str, tuple[str, ...]] = {
    "en": tuple(_EN.strip().splitlines()),
    "pt": tuple(_PT.strip().splitlines()),
    "zh": tuple(_ZH.strip().splitlines()),
}


@lru_cache
def beyond() -> tuple[str, ...]:
    """Those and 500 more in each family of languages: what else people write to companies of all trades that help pages leave out."""
    files = sorted((Path(__file__).parent / "beyond").glob("*.txt"))
    more = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(dict.fromkeys([*(text for texts in OFF_TOPIC.values() for text in texts), *filter(str.strip, more)]))
