<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Catalog</name>
    <message>
        <source>The whole model with its tokenizer, adapters merged in: opens in transformers.</source>
        <translation>Das ganze Modell mit Tokenizer, Adapter eingeschmolzen: öffnet sich in transformers.</translation>
    </message>
    <message>
        <source>GGUF file</source>
        <translation>GGUF-Datei</translation>
    </message>
    <message>
        <source>One file for llama.cpp, Ollama and LM Studio: weights in 4 to 32 bits, tokenizer and chat template.</source>
        <translation>Eine Datei für llama.cpp, Ollama und LM Studio: Gewichte in 4 bis 32 Bit, Tokenizer und Chat-Vorlage.</translation>
    </message>
    <message>
        <source>Hugging Face folder</source>
        <translation>Hugging-Face-Ordner</translation>
    </message>
    <message>
        <source>The adapter alone, a few megabytes: opens in PEFT (bottlenecks: in the adapters library) on top of the base model.</source>
        <translation>Nur der Adapter, wenige Megabyte: öffnet sich in PEFT (Engpässe: in der Bibliothek adapters) über dem Basismodell.</translation>
    </message>
    <message>
        <source>PEFT adapter</source>
        <translation>PEFT-Adapter</translation>
    </message>
    <message>
        <source>Encoder with absolute positions, WordPiece tokens and segment ids.</source>
        <translation>Encoder mit absoluten Positionen, WordPiece-Tokens und Segmentnummern.</translation>
    </message>
    <message>
        <source>BERT</source>
        <translation>BERT</translation>
    </message>
    <message>
        <source>Encoder like BERT, pre-trained longer; positions start after the padding index.</source>
        <translation>Encoder wie BERT, länger vortrainiert; Positionen beginnen nach dem Füllindex.</translation>
    </message>
    <message>
        <source>RoBERTa</source>
        <translation>RoBERTa</translation>
    </message>
    <message>
        <source>BERT with half the layers, distilled: nearly as good and twice as fast.</source>
        <translation>BERT mit halb so vielen Schichten, destilliert: fast so gut und doppelt so schnell.</translation>
    </message>
    <message>
        <source>DistilBERT</source>
        <translation>DistilBERT</translation>
    </message>
    <message>
        <source>Llama</source>
        <translation>Llama</translation>
    </message>
    <message>
        <source>Trains every weight: most memory, most freedom.</source>
        <translation>Trainiert jedes Gewicht: meister Speicher, meiste Freiheit.</translation>
    </message>
    <message>
        <source>Full fine-tuning</source>
        <translation>Volles Fine-Tuning</translation>
    </message>
    <message>
        <source>Off: the tables of tokens and positions stay as they are, which saves memory and keeps rare words stable.</source>
        <translation>Aus: die Tabellen der Tokens und Positionen bleiben, wie sie sind; das spart Speicher und hält seltene Wörter stabil.</translation>
    </message>
    <message>
        <source>Train embeddings</source>
        <translation>Embeddings trainieren</translation>
    </message>
    <message>
        <source>Trains the head alone on what the frozen model says about each text: fastest, for small data.</source>
        <translation>Trainiert nur den Kopf auf den Ausgaben des eingefrorenen Modells: am schnellsten, für wenig Daten.</translation>
    </message>
    <message>
        <source>Feature extraction</source>
        <translation>Merkmalsextraktion</translation>
    </message>
    <message>
        <source>Trains small low-rank updates beside the frozen layers (Hu et al. 2021): little memory, a few megabytes to share.</source>
        <translation>Trainiert kleine Änderungen niedrigen Rangs neben den eingefrorenen Schichten (Hu et al. 2021): wenig Speicher, wenige Megabyte zum Weitergeben.</translation>
    </message>
    <message>
        <source>LoRA</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>Size of the update that each chosen layer can learn. Raise it when the model does not learn enough.</source>
        <translation>Größe der Änderung, die jede gewählte Schicht lernen kann. Anheben, wenn das Modell nicht genug lernt.</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>Strength of the update: it is scaled by alpha / rank. Twice the rank is a good start.</source>
        <translation>Stärke der Änderung: sie wird mit Alpha / Rang skaliert. Der doppelte Rang ist ein guter Anfang.</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>Alpha</translation>
    </message>
    <message>
        <source>Share of each adapter's inputs that is dropped in training; helps on small data.</source>
        <translation>Anteil der Adaptereingaben, der im Training ausfällt; hilft bei wenig Daten.</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>Dropout</translation>
    </message>
    <message>
        <source>Scale by alpha / sqrt(rank) instead (Kalajdzievski 2023): better with large ranks.</source>
        <translation>Stattdessen mit Alpha / Wurzel(Rang) skalieren (Kalajdzievski 2023): besser bei großen Rängen.</translation>
    </message>
    <message>
        <source>Rank-stabilised</source>
        <translation>Rangstabilisiert</translation>
    </message>
    <message>
        <source>Which linear layers get an adapter: "all-linear", a list of name endings such as ["q_proj", "v_proj"], or a regular expression that matches the whole name.</source>
        <translation>Welche linearen Schichten einen Adapter bekommen: "all-linear", eine Liste von Namensenden wie ["q_proj", "v_proj"] oder ein regulärer Ausdruck für den ganzen Namen.</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Modules that are trained whole and saved beside the adapter; a new head is among them by itself.</source>
        <translation>Module, die ganz trainiert und neben dem Adapter gespeichert werden; ein neuer Kopf gehört von selbst dazu.</translation>
    </message>
    <message>
        <source>Train whole</source>
        <translation>Ganz trainieren</translation>
    </message>
    <message>
        <source>Another rank for the layers whose name ends in, or matches, the given pattern.</source>
        <translation>Anderer Rang für Schichten, deren Name auf das Muster endet oder ihm entspricht.</translation>
    </message>
    <message>
        <source>Rank by layer</source>
        <translation>Rang je Schicht</translation>
    </message>
    <message>
        <source>Another alpha for the layers whose name ends in, or matches, the given pattern.</source>
        <translation>Anderes Alpha für Schichten, deren Name auf das Muster endet oder ihm entspricht.</translation>
    </message>
    <message>
        <source>Alpha by layer</source>
        <translation>Alpha je Schicht</translation>
    </message>
    <message>
        <source>Share of rows with the right label.</source>
        <translation>Anteil der Zeilen mit richtigem Label.</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Harmonic mean of precision and recall of each label, then the mean over labels.</source>
        <translation>Harmonisches Mittel aus Präzision und Trefferquote je Label, dann das Mittel über die Labels.</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>Of the rows given a label, the share that has it; mean over labels.</source>
        <translation>Anteil der Zeilen mit zugeteiltem Label, die es wirklich haben; Mittel über die Labels.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Präzision</translation>
    </message>
    <message>
        <source>Of the rows that have a label, the share that was given it; mean over labels.</source>
        <translation>Anteil der Zeilen eines Labels, denen es zugeteilt wurde; Mittel über die Labels.</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Trefferquote</translation>
    </message>
    <message>
        <source>F1 of each tag over the tokens that carry loss, then the mean over the tags but "O".</source>
        <translation>F1 je Tag über die Tokens mit Verlust, dann das Mittel über die Tags außer "O".</translation>
    </message>
    <message>
        <source>Token F1</source>
        <translation>Token-F1</translation>
    </message>
    <message>
        <source>Share of the tokens that carry loss and were predicted right.</source>
        <translation>Anteil der Tokens mit Verlust, die richtig vorhergesagt wurden.</translation>
    </message>
    <message>
        <source>Token accuracy</source>
        <translation>Token-Genauigkeit</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>exp(loss): among how many equally likely tokens the model hesitates.</source>
        <translation>exp(Verlust): zwischen wie vielen gleich wahrscheinlichen Tokens das Modell schwankt.</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>One tag for each word: names, parts of speech.</source>
        <translation>Ein Tag für jedes Wort: Namen, Wortarten.</translation>
    </message>
    <message>
        <source>Tag words</source>
        <translation>Wörter auszeichnen</translation>
    </message>
    <message>
        <source>A word may be cut into several tokens: train on the first of them only, or give each the word's tag.</source>
        <translation>Ein Wort kann in mehrere Tokens zerfallen: nur auf dem ersten trainieren oder jedem das Tag des Wortes geben.</translation>
    </message>
    <message>
        <source>Label on</source>
        <translation>Label auf</translation>
    </message>
    <message>
        <source>Pre-trains an encoder, or adapts it to the language of a field, on plain text.</source>
        <translation>Trainiert einen Encoder auf reinem Text vor oder passt ihn an die Sprache eines Fachs an.</translation>
    </message>
    <message>
        <source>Fill in masked words</source>
        <translation>Maskierte Wörter ergänzen</translation>
    </message>
    <message>
        <source>Share of the ordinary tokens that the model has to guess.</source>
        <translation>Anteil der gewöhnlichen Tokens, die das Modell raten muss.</translation>
    </message>
    <message>
        <source>Masked share</source>
        <translation>Maskierter Anteil</translation>
    </message>
    <message>
        <source>Of the tokens to guess, the share that is replaced by the mask token.</source>
        <translation>Anteil der zu ratenden Tokens, der durch das Maskentoken ersetzt wird.</translation>
    </message>
    <message>
        <source>Replaced by the mask</source>
        <translation>Durch Maske ersetzt</translation>
    </message>
    <message>
        <source>Of the tokens to guess, the share that is replaced by a random token; the rest stays as it is.</source>
        <translation>Anteil der zu ratenden Tokens, der durch ein zufälliges Token ersetzt wird; der Rest bleibt.</translation>
    </message>
    <message>
        <source>Replaced at random</source>
        <translation>Zufällig ersetzt</translation>
    </message>
    <message>
        <source>Mask all tokens of a word together, which makes the task harder and the model a little better.</source>
        <translation>Alle Tokens eines Wortes zusammen maskieren; das macht die Aufgabe schwerer und das Modell etwas besser.</translation>
    </message>
    <message>
        <source>Whole words</source>
        <translation>Ganze Wörter</translation>
    </message>
    <message>
        <source>Teaches a language model to answer prompts, or to write in the manner of plain text.</source>
        <translation>Lehrt ein Sprachmodell, auf Eingaben zu antworten oder im Stil reiner Texte zu schreiben.</translation>
    </message>
    <message>
        <source>Continue text</source>
        <translation>Text fortsetzen</translation>
    </message>
    <message>
        <source>With a prompt and a completion column: learn to write the completion only, or the prompt as well. Rows of plain text always count whole.</source>
        <translation>Mit Spalten für Eingabe und Antwort: nur die Antwort schreiben lernen oder auch die Eingabe. Zeilen reinen Textes zählen immer ganz.</translation>
    </message>
    <message>
        <source>Learn from</source>
        <translation>Lernen aus</translation>
    </message>
    <message>
        <source>Training file</source>
        <translation>Trainingsdatei</translation>
    </message>
    <message>
        <source>Watched while training; decides when to stop.</source>
        <translation>Beim Training beobachtet; entscheidet, wann Schluss ist.</translation>
    </message>
    <message>
        <source>Validation file</source>
        <translation>Validierungsdatei</translation>
    </message>
    <message>
        <source>Never seen in training: the figures at the end come from it.</source>
        <translation>Im Training nie gesehen: aus ihr kommen die Zahlen am Ende.</translation>
    </message>
    <message>
        <source>Test file</source>
        <translation>Testdatei</translation>
    </message>
    <message>
        <source>What kind of file it is.</source>
        <translation>Art der Datei.</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>How the file's bytes stand for letters.</source>
        <translation>Wie die Bytes der Datei für Buchstaben stehen.</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodierung</translation>
    </message>
    <message>
        <source>The character between columns, or auto.</source>
        <translation>Das Zeichen zwischen Spalten, oder auto.</translation>
    </message>
    <message>
        <source>Delimiter</source>
        <translation>Trennzeichen</translation>
    </message>
    <message>
        <source>The character around fields, none, or auto.</source>
        <translation>Das Zeichen um Felder, none oder auto.</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>Anführungszeichen</translation>
    </message>
    <message>
        <source>Whether the first line names the columns.</source>
        <translation>Ob die erste Zeile die Spalten nennt.</translation>
    </message>
    <message>
        <source>Header</source>
        <translation>Kopfzeile</translation>
    </message>
    <message>
        <source>What each column is to the objective: role to column name.</source>
        <translation>Was jede Spalte für das Lernziel ist: Rolle zu Spaltenname.</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Names of the labels in the order of their numbers; empty: as found in the training file, sorted.</source>
        <translation>Namen der Labels in der Reihenfolge ihrer Nummern; leer: wie in der Trainingsdatei gefunden, sortiert.</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>Longer rows are cut. Longer limits need more memory and time.</source>
        <translation>Längere Zeilen werden gekürzt. Höhere Grenzen brauchen mehr Speicher und Zeit.</translation>
    </message>
    <message>
        <source>Longest row</source>
        <translation>Längste Zeile</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Share of the training file to split off where there is no validation file.</source>
        <translation>Anteil der Trainingsdatei, der abgeteilt wird, wenn es keine Validierungsdatei gibt.</translation>
    </message>
    <message>
        <source>Validation share</source>
        <translation>Validierungsanteil</translation>
    </message>
    <message>
        <source>Share of the training file to split off where there is no test file.</source>
        <translation>Anteil der Trainingsdatei, der abgeteilt wird, wenn es keine Testdatei gibt.</translation>
    </message>
    <message>
        <source>Test share</source>
        <translation>Testanteil</translation>
    </message>
    <message>
        <source>Each part has the labels in the same proportions.</source>
        <translation>Jeder Teil hat die Labels im selben Verhältnis.</translation>
    </message>
    <message>
        <source>Keep label shares</source>
        <translation>Label-Anteile wahren</translation>
    </message>
    <message>
        <source>Use only the first rows of each file, for a quick try; 0: all.</source>
        <translation>Nur die ersten Zeilen jeder Datei nutzen, für einen schnellen Versuch; 0: alle.</translation>
    </message>
    <message>
        <source>Rows at most</source>
        <translation>Zeilen höchstens</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>What is written at the end of the run.</source>
        <translation>Was am Ende des Laufs geschrieben wird.</translation>
    </message>
    <message>
        <source>Where to write it; empty: into the run's own folder. Relative to the recipe's folder.</source>
        <translation>Wohin geschrieben wird; leer: in den Ordner des Laufs. Relativ zum Ordner des Rezepts.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Fewer bits make the file smaller and change the results a little: two bytes hardly, 8 bits a little, 4 bits noticeably.</source>
        <translation>Weniger Bits machen die Datei kleiner und ändern die Ergebnisse: zwei Byte kaum, 8 Bit ein wenig, 4 Bit merklich.</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>Zahlentyp</translation>
    </message>
    <message>
        <source>A folder as Hugging Face publishes it.</source>
        <translation>Ein Ordner, wie ihn Hugging Face veröffentlicht.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Take the architecture from config.json and draw the weights anew: for pre-training.</source>
        <translation>Die Architektur aus config.json nehmen und die Gewichte neu ziehen: zum Vortraining.</translation>
    </message>
    <message>
        <source>From scratch</source>
        <translation>Von Grund auf</translation>
    </message>
    <message>
        <source>A PEFT adapter's folder to start from: LoRA goes on training it, other methods merge it first.</source>
        <translation>Ordner eines PEFT-Adapters als Ausgangspunkt: LoRA trainiert ihn weiter, andere Verfahren schmelzen ihn zuerst ein.</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>A folder or tokenizer.json to use instead of the model's own.</source>
        <translation>Ein Ordner oder eine tokenizer.json anstelle der des Modells.</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Words that shall be one token each; the embedding grows by as many rows.</source>
        <translation>Wörter, die je ein Token sein sollen; das Embedding wächst um ebenso viele Zeilen.</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>Neue Tokens</translation>
    </message>
    <message>
        <source>How often every row is seen.</source>
        <translation>Wie oft jede Zeile gesehen wird.</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>Ends the run after so many steps; 0: by epochs.</source>
        <translation>Beendet den Lauf nach so vielen Schritten; 0: nach Epochen.</translation>
    </message>
    <message>
        <source>Steps at most</source>
        <translation>Schritte höchstens</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Rows a forward pass. Halve it when memory runs out.</source>
        <translation>Zeilen je Durchgang. Halbieren, wenn der Speicher nicht reicht.</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>Batchgröße</translation>
    </message>
    <message>
        <source>Batches whose gradients make one step: a larger effective batch in the same memory.</source>
        <translation>Batches, deren Gradienten einen Schritt ergeben: größerer wirksamer Batch im selben Speicher.</translation>
    </message>
    <message>
        <source>Accumulate</source>
        <translation>Sammeln</translation>
    </message>
    <message>
        <source>batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Size of the steps: about 2e-4 for LoRA and heads, 2e-5 to 5e-5 for full fine-tuning.</source>
        <translation>Größe der Schritte: etwa 2e-4 für LoRA und Köpfe, 2e-5 bis 5e-5 für volles Fine-Tuning.</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>How the learning rate falls after the warm-up.</source>
        <translation>Wie die Lernrate nach dem Aufwärmen fällt.</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>The learning rate rises from 0 for so long; as steps, epochs or a share of the run.</source>
        <translation>So lange steigt die Lernrate von 0 an; als Schritte, Epochen oder Anteil des Laufs.</translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>Aufwärmen</translation>
    </message>
    <message>
        <source>Pulls weights towards 0 (Loshchilov and Hutter 2019); not norms and biases.</source>
        <translation>Zieht Gewichte gegen 0 (Loshchilov und Hutter 2019); nicht Normen und Biases.</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>Gewichtsabnahme</translation>
    </message>
    <message>
        <source>Memory of the gradient's mean.</source>
        <translation>Gedächtnis für den Mittelwert des Gradienten.</translation>
    </message>
    <message>
        <source>Adam beta 1</source>
        <translation>Adam Beta 1</translation>
    </message>
    <message>
        <source>Memory of the gradient's square.</source>
        <translation>Gedächtnis für das Quadrat des Gradienten.</translation>
    </message>
    <message>
        <source>Adam beta 2</source>
        <translation>Adam Beta 2</translation>
    </message>
    <message>
        <source>Keeps the division finite.</source>
        <translation>Hält die Division endlich.</translation>
    </message>
    <message>
        <source>Adam epsilon</source>
        <translation>Adam Epsilon</translation>
    </message>
    <message>
        <source>Longer gradients are shortened; 0: never.</source>
        <translation>Längere Gradienten werden verkürzt; 0: nie.</translation>
    </message>
    <message>
        <source>Clip gradients at</source>
        <translation>Gradientengrenze</translation>
    </message>
    <message>
        <source>Share of the target that is spread over all labels, against over-confidence.</source>
        <translation>Anteil des Ziels, der über alle Labels verteilt wird, gegen zu große Sicherheit.</translation>
    </message>
    <message>
        <source>Label smoothing</source>
        <translation>Label-Glättung</translation>
    </message>
    <message>
        <source>Replaces the rates of the model's config; -1: as it says there.</source>
        <translation>Ersetzt die Raten aus der Konfiguration des Modells; -1: wie dort angegeben.</translation>
    </message>
    <message>
        <source>Number type of the computation; auto: bf16 on a GPU that has it, else fp32.</source>
        <translation>Zahlentyp der Berechnung; auto: bf16 auf einer GPU, die es kann, sonst fp32.</translation>
    </message>
    <message>
        <source>auto, cpu, cuda or cuda:N.</source>
        <translation>auto, cpu, cuda oder cuda:N.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Processor threads to compute with; 0: one a core.</source>
        <translation>Prozessor-Threads zum Rechnen; 0: einer je Kern.</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>bucketed: rows of like length together, which wastes less; shuffled: purely at random.</source>
        <translation>Gruppiert: Zeilen ähnlicher Länge zusammen, das verschwendet weniger; Gemischt: rein zufällig.</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>A JSON list of lists of row numbers (from 0), one list an optimizer step: trains on exactly these, in this order. For comparing with another program.</source>
        <translation>Eine JSON-Liste von Listen mit Zeilennummern (ab 0), eine Liste je Optimiererschritt: trainiert genau diese, in dieser Reihenfolge. Zum Vergleich mit einem anderen Programm.</translation>
    </message>
    <message>
        <source>Batches from a file</source>
        <translation>Batches aus Datei</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>How often the validation part is measured.</source>
        <translation>Wie oft der Validierungsteil gemessen wird.</translation>
    </message>
    <message>
        <source>Evaluate every</source>
        <translation>Auswerten alle</translation>
    </message>
    <message>
        <source>minute</source>
        <translation>Minute</translation>
    </message>
    <message>
        <source>How often the state is saved for a resume.</source>
        <translation>Wie oft der Stand zum Fortsetzen gespeichert wird.</translation>
    </message>
    <message>
        <source>Save every</source>
        <translation>Speichern alle</translation>
    </message>
    <message>
        <source>How often loss and speed are recorded.</source>
        <translation>Wie oft Verlust und Tempo aufgezeichnet werden.</translation>
    </message>
    <message>
        <source>Log every</source>
        <translation>Aufzeichnen alle</translation>
    </message>
    <message>
        <source>Ends the run when it no longer gets better.</source>
        <translation>Beendet den Lauf, wenn er nicht mehr besser wird.</translation>
    </message>
    <message>
        <source>Stop early</source>
        <translation>Früh beenden</translation>
    </message>
    <message>
        <source>The validation metric that has to improve.</source>
        <translation>Die Validierungsmetrik, die besser werden muss.</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Beobachten</translation>
    </message>
    <message>
        <source>Stop after so many evaluations in a row without improvement.</source>
        <translation>Nach so vielen Auswertungen ohne Verbesserung beenden.</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>Geduld</translation>
    </message>
    <message>
        <source>evaluations</source>
        <translation>Auswertungen</translation>
    </message>
    <message>
        <source>A smaller one does not count.</source>
        <translation>Eine kleinere zählt nicht.</translation>
    </message>
    <message>
        <source>Smallest improvement</source>
        <translation>Kleinste Verbesserung</translation>
    </message>
    <message>
        <source>End with the weights of the best evaluation.</source>
        <translation>Mit den Gewichten der besten Auswertung enden.</translation>
    </message>
    <message>
        <source>Keep the best</source>
        <translation>Besten Stand behalten</translation>
    </message>
    <message>
        <source>Evaluate the untouched model first, so that the gain can be seen.</source>
        <translation>Zuerst das unveränderte Modell auswerten, damit der Gewinn sichtbar wird.</translation>
    </message>
    <message>
        <source>Measure the base model</source>
        <translation>Basismodell messen</translation>
    </message>
    <message>
        <source>Light, dark, or as the desktop has it.</source>
        <translation>Hell, dunkel oder wie das System.</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Design</translation>
    </message>
    <message>
        <source>Of the whole window. Ctrl+Plus and Ctrl+Minus change it by 10.</source>
        <translation>Im ganzen Fenster. Strg+Plus und Strg+Minus ändern sie um 10.</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Draws the borders of fields and buttons in a stronger colour.</source>
        <translation>Zeichnet die Ränder von Feldern und Knöpfen kräftiger.</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Nothing turns or slides.</source>
        <translation>Nichts dreht oder schiebt sich.</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>Bewegung verringern</translation>
    </message>
    <message>
        <source>Takes effect when the window is opened again.</source>
        <translation>Wirkt, sobald das Fenster neu geöffnet wird.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Where new projects are made. Empty: "projects" beside the runs.</source>
        <translation>Wo neue Projekte entstehen. Leer: "projects" neben den Läufen.</translation>
    </message>
    <message>
        <source>Projects folder</source>
        <translation>Projektordner</translation>
    </message>
    <message>
        <source>That new runs use. 0 takes all cores; fewer leave room for other programs.</source>
        <translation>Für neue Läufe. 0 nimmt alle Kerne; weniger lassen anderen Programmen Platz.</translation>
    </message>
    <message>
        <source>Processor threads</source>
        <translation>Prozessor-Threads</translation>
    </message>
    <message>
        <source>First</source>
        <translation>Erstes</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linear</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>Kosinus</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>Konstant</translation>
    </message>
    <message>
        <source>Bucketed</source>
        <translation>Gruppiert</translation>
    </message>
    <message>
        <source>Shuffled</source>
        <translation>Gemischt</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>English</source>
        <translation>Englisch</translation>
    </message>
    <message>
        <source>Text pair</source>
        <translation>Textpaar</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Wörter</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Tags</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translation>Deutsch</translation>
    </message>
    <message>
        <source>CSV</source>
        <translation>CSV</translation>
    </message>
    <message>
        <source>TSV</source>
        <translation>TSV</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>CoNLL</source>
        <translation>CoNLL</translation>
    </message>
    <message>
        <source>Parquet</source>
        <translation>Parquet</translation>
    </message>
    <message>
        <source>Hugging Face</source>
        <translation>Hugging Face</translation>
    </message>
    <message>
        <source>PEFT</source>
        <translation>PEFT</translation>
    </message>
    <message>
        <source>reading rows</source>
        <translation>Zeilen lesen</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>encoding</source>
        <translation>Kodieren</translation>
    </message>
    <message>
        <source>measuring cut rows</source>
        <translation>Gekürzte Zeilen messen</translation>
    </message>
    <message>
        <source>reading the data</source>
        <translation>Daten lesen</translation>
    </message>
    <message>
        <source>loading the model</source>
        <translation>Modell laden</translation>
    </message>
    <message>
        <source>loading the run</source>
        <translation>Lauf laden</translation>
    </message>
    <message>
        <source>taking a dry step</source>
        <translation>Probeschritt</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>computing what the copy must give</source>
        <translation>Sollwerte der Kopie berechnen</translation>
    </message>
    <message>
        <source>checking it in another process</source>
        <translation>Prüfung in einem anderen Prozess</translation>
    </message>
    <message>
        <source>the checkpoint has no head that fits: a new one is drawn at random and trained</source>
        <translation>der Checkpoint hat keinen passenden Kopf: ein neuer wird zufällig gezogen und trainiert</translation>
    </message>
    <message>
        <source>the folder has no tokenizer.json and no vocab.txt</source>
        <translation>der Ordner enthält weder tokenizer.json noch vocab.txt</translation>
    </message>
    <message>
        <source>fetch the model's tokenizer files, or name a tokenizer in the recipe</source>
        <translation>die Tokenizer-Dateien des Modells holen oder im Rezept einen Tokenizer nennen</translation>
    </message>
    <message>
        <source>use the tokenizer that came with the model</source>
        <translation>den Tokenizer des Modells verwenden</translation>
    </message>
    <message>
        <source>fetch the model again; config.json and weights must be of one model</source>
        <translation>das Modell erneut holen; config.json und Gewichte müssen zum selben Modell gehören</translation>
    </message>
    <message>
        <source>choose another model or another objective</source>
        <translation>ein anderes Modell oder ein anderes Lernziel wählen</translation>
    </message>
    <message>
        <source>A label is given when its probability is at least this.</source>
        <translation>Ein Label wird vergeben, wenn seine Wahrscheinlichkeit mindestens so hoch ist.</translation>
    </message>
    <message>
        <source>A number for each text, pair of texts, image or recording: a rating, a similarity.</source>
        <translation>Eine Zahl für jeden Text, jedes Textpaar, jedes Bild oder jede Aufnahme: eine Bewertung, eine Ähnlichkeit.</translation>
    </message>
    <message>
        <source>Answers followed side by side when metrics are made; 1 takes the likeliest token each time.</source>
        <translation>Antworten, die für die Kennzahlen nebeneinander verfolgt werden; 1 nimmt jedes Mal das wahrscheinlichste Token.</translation>
    </message>
    <message>
        <source>Any number of labels for each text, image or recording, each given or not by itself.</source>
        <translation>Beliebig viele Labels für jeden Text, jedes Bild oder jede Aufnahme, jedes für sich vergeben oder nicht.</translation>
    </message>
    <message>
        <source>At most so many rows are answered in full at an evaluation, which takes time; 0: all.</source>
        <translation>Höchstens so viele Zeilen werden bei einer Auswertung ganz beantwortet, was Zeit kostet; 0: alle.</translation>
    </message>
    <message>
        <source>BLEU</source>
        <translation>BLEU</translation>
    </message>
    <message>
        <source>Beams</source>
        <translation>Strahlen</translation>
    </message>
    <message>
        <source>Blend pairs of images and their labels; 0.2 is usual, 0 is off.</source>
        <translation>Mischt Paare von Bildern und ihre Labels; 0,2 ist üblich, 0 ist aus.</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>CSV, TSV, JSON, JSON lines, Parquet or plain text; for images and recordings also a folder.</source>
        <translation>CSV, TSV, JSON, JSON-Zeilen, Parquet oder reiner Text; für Bilder und Aufnahmen auch ein Ordner.</translation>
    </message>
    <message>
        <source>Calibration error</source>
        <translation>Kalibrierungsfehler</translation>
    </message>
    <message>
        <source>Preference accuracy</source>
        <translation>Präferenz-Genauigkeit</translation>
    </message>
    <message>
        <source>How often the better answer gains more than the worse one: share of pairs, or of single answers on their side.</source>
        <translation>Wie oft die bessere Antwort mehr gewinnt als die schlechtere: Anteil der Paare, oder der Einzelantworten auf der richtigen Seite.</translation>
    </message>
    <message>
        <source>Reward margin</source>
        <translation>Belohnungsabstand</translation>
    </message>
    <message>
        <source>How much further the better answer gained than the worse one.</source>
        <translation>Wie viel mehr die bessere Antwort gewonnen hat als die schlechtere.</translation>
    </message>
    <message>
        <source>Reward of good answers</source>
        <translation>Belohnung guter Antworten</translation>
    </message>
    <message>
        <source>How much likelier good answers became than the reference finds them, times beta.</source>
        <translation>Wie viel wahrscheinlicher gute Antworten wurden, als die Referenz sie findet, mal Beta.</translation>
    </message>
    <message>
        <source>Reward of bad answers</source>
        <translation>Belohnung schlechter Antworten</translation>
    </message>
    <message>
        <source>How much likelier bad answers became than the reference finds them, times beta.</source>
        <translation>Wie viel wahrscheinlicher schlechte Antworten wurden, als die Referenz sie findet, mal Beta.</translation>
    </message>
    <message>
        <source>Character error rate</source>
        <translation>Zeichenfehlerrate</translation>
    </message>
    <message>
        <source>Classify</source>
        <translation>Einordnen</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>Convolutional network with depthwise convolutions: small and exact for its size.</source>
        <translation>Faltungsnetz mit tiefenweisen Faltungen: klein und genau für seine Größe.</translation>
    </message>
    <message>
        <source>Convolutional network with residual layers; trains well on few images and reads any size.</source>
        <translation>Faltungsnetz mit Restverbindungen; lernt gut aus wenigen Bildern und liest jede Größe.</translation>
    </message>
    <message>
        <source>Correlation of true and predicted labels: 0 is guessing, 1 is perfect.</source>
        <translation>Zusammenhang von wahren und vorhergesagten Labels: 0 ist geraten, 1 ist vollkommen.</translation>
    </message>
    <message>
        <source>CutMix</source>
        <translation>CutMix</translation>
    </message>
    <message>
        <source>Decoder with learned positions and plain attention: small, old and well understood.</source>
        <translation>Decoder mit gelernten Positionen und einfacher Aufmerksamkeit: klein, alt und gut verstanden.</translation>
    </message>
    <message>
        <source>Decoder with rotary positions, grouped-query attention and a gated feed-forward; Qwen and Mistral too.</source>
        <translation>Decoder mit rotierenden Positionen, gruppierten Anfragen und gesteuerter Zwischenschicht; auch Qwen und Mistral.</translation>
    </message>
    <message>
        <source>EfficientNet</source>
        <translation>EfficientNet</translation>
    </message>
    <message>
        <source>Encoder and decoder with relative positions: turns one text into another; T5 1.1, Flan-T5 and mT5 too.</source>
        <translation>Encoder und Decoder mit relativen Positionen: macht aus einem Text einen anderen; auch T5 1.1, Flan-T5 und mT5.</translation>
    </message>
    <message>
        <source>Encoder of spectrograms and a decoder that writes: transcribes and translates speech.</source>
        <translation>Encoder für Spektrogramme und ein Decoder, der schreibt: schreibt Gesprochenes auf und übersetzt es.</translation>
    </message>
    <message>
        <source>Encoder of waveforms, pre-trained on speech without transcripts: spells recordings or labels them.</source>
        <translation>Encoder für Wellenformen, vortrainiert auf Sprache ohne Abschrift: buchstabiert Aufnahmen oder ordnet sie ein.</translation>
    </message>
    <message>
        <source>Entity F1</source>
        <translation>Entitäten-F1</translation>
    </message>
    <message>
        <source>Entity precision</source>
        <translation>Entitäten-Genauigkeit</translation>
    </message>
    <message>
        <source>Entity recall</source>
        <translation>Entitäten-Trefferquote</translation>
    </message>
    <message>
        <source>Exact match</source>
        <translation>Genau gleich</translation>
    </message>
    <message>
        <source>F1 of single words shared with the reference, mean over rows.</source>
        <translation>F1 der einzelnen Wörter, die auch in der Vorlage stehen, Mittel über die Zeilen.</translation>
    </message>
    <message>
        <source>F1 of the longest word sequence shared with the reference.</source>
        <translation>F1 der längsten Wortfolge, die auch in der Vorlage steht.</translation>
    </message>
    <message>
        <source>F1 of word pairs shared with the reference.</source>
        <translation>F1 der Wortpaare, die auch in der Vorlage stehen.</translation>
    </message>
    <message>
        <source>F1 over all labels of all rows together.</source>
        <translation>F1 über alle Labels aller Zeilen zusammen.</translation>
    </message>
    <message>
        <source>F1 over whole entities, right only with the right bounds and type, where tags spell some (B-PER, I-PER, O).</source>
        <translation>F1 über ganze Entitäten, richtig nur mit richtigen Grenzen und richtiger Art, wo Tags welche bilden (B-PER, I-PER, O).</translation>
    </message>
    <message>
        <source>GPT-2</source>
        <translation>GPT-2</translation>
    </message>
    <message>
        <source>Give several labels</source>
        <translation>Mehrere Labels vergeben</translation>
    </message>
    <message>
        <source>How far stated probabilities are from the share that is right (15 bins).</source>
        <translation>Wie weit genannte Wahrscheinlichkeiten vom Anteil der richtigen abweichen (15 Klassen).</translation>
    </message>
    <message>
        <source>How much brightness varies: 0.2 draws factors from 0.8 to 1.2.</source>
        <translation>Wie sehr die Helligkeit schwankt: 0,2 zieht Faktoren von 0,8 bis 1,2.</translation>
    </message>
    <message>
        <source>How much contrast varies.</source>
        <translation>Wie sehr der Kontrast schwankt.</translation>
    </message>
    <message>
        <source>How much the strength of colours varies.</source>
        <translation>Wie sehr die Stärke der Farben schwankt.</translation>
    </message>
    <message>
        <source>How often a row with the label gets a higher score than one without; mean over labels.</source>
        <translation>Wie oft eine Zeile mit dem Label einen höheren Wert bekommt als eine ohne; Mittel über die Labels.</translation>
    </message>
    <message>
        <source>Letters to change, drop or add to reach the reference, per letter of it.</source>
        <translation>Buchstaben, die zu ändern, zu streichen oder zu ergänzen sind, je Buchstabe der Vorlage.</translation>
    </message>
    <message>
        <source>Longer recordings are cut. Memory and time grow with it.</source>
        <translation>Längere Aufnahmen werden gekürzt. Speicher und Zeit wachsen damit.</translation>
    </message>
    <message>
        <source>Longer targets are cut.</source>
        <translation>Längere Zieltexte werden gekürzt.</translation>
    </message>
    <message>
        <source>Longest recording</source>
        <translation>Längste Aufnahme</translation>
    </message>
    <message>
        <source>Longest target</source>
        <translation>Längster Zieltext</translation>
    </message>
    <message>
        <source>Matthews correlation</source>
        <translation>Matthews-Korrelation</translation>
    </message>
    <message>
        <source>Mean of the squared differences.</source>
        <translation>Mittel der quadrierten Abweichungen.</translation>
    </message>
    <message>
        <source>Mean of what training minimises, over what carries loss, without label smoothing.</source>
        <translation>Mittel dessen, was das Training kleiner macht, über alles, was zum Verlust zählt, ohne Label-Glättung.</translation>
    </message>
    <message>
        <source>Mean squared error</source>
        <translation>Mittlerer quadratischer Fehler</translation>
    </message>
    <message>
        <source>Micro F1</source>
        <translation>Mikro-F1</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Mixup</source>
        <translation>Mixup</translation>
    </message>
    <message>
        <source>Of the entities found, the share that is right.</source>
        <translation>Anteil der gefundenen Entitäten, die richtig sind.</translation>
    </message>
    <message>
        <source>Of the entities in the data, the share that was found.</source>
        <translation>Anteil der Entitäten in den Daten, die gefunden wurden.</translation>
    </message>
    <message>
        <source>One label for each text, pair of texts, image or recording.</source>
        <translation>Ein Label für jeden Text, jedes Textpaar, jedes Bild oder jede Aufnahme.</translation>
    </message>
    <message>
        <source>Overlap of letter sequences with the reference, 0 to 100.</source>
        <translation>Übereinstimmung von Buchstabenfolgen mit der Vorlage, 0 bis 100.</translation>
    </message>
    <message>
        <source>Overlap of word sequences with the reference, 0 to 100 (sacreBLEU's definition).</source>
        <translation>Übereinstimmung von Wortfolgen mit der Vorlage, 0 bis 100 (nach sacreBLEU).</translation>
    </message>
    <message>
        <source>Paste a part of another image, and as much of its label; 1 is usual, 0 is off.</source>
        <translation>Setzt einen Teil eines anderen Bildes ein, und ebenso viel von dessen Label; 1 ist üblich, 0 ist aus.</translation>
    </message>
    <message>
        <source>Pearson correlation</source>
        <translation>Pearson-Korrelation</translation>
    </message>
    <message>
        <source>Predict a number</source>
        <translation>Zahl vorhersagen</translation>
    </message>
    <message>
        <source>Prefix</source>
        <translation>Vorsatz</translation>
    </message>
    <message>
        <source>Put before every input text, as the model was pre-trained: "translate English to German: ".</source>
        <translation>Steht vor jedem Eingabetext, wie beim Vortraining des Modells: „translate English to German: “.</translation>
    </message>
    <message>
        <source>ROC AUC</source>
        <translation>ROC-AUC</translation>
    </message>
    <message>
        <source>ROUGE-1</source>
        <translation>ROUGE-1</translation>
    </message>
    <message>
        <source>ROUGE-2</source>
        <translation>ROUGE-2</translation>
    </message>
    <message>
        <source>ROUGE-L</source>
        <translation>ROUGE-L</translation>
    </message>
    <message>
        <source>Random changes to the training images, so that few of them teach more.</source>
        <translation>Zufällige Änderungen an den Trainingsbildern, damit wenige mehr lehren.</translation>
    </message>
    <message>
        <source>ResNet</source>
        <translation>ResNet</translation>
    </message>
    <message>
        <source>Rows answered</source>
        <translation>Beantwortete Zeilen</translation>
    </message>
    <message>
        <source>Saturation</source>
        <translation>Sättigung</translation>
    </message>
    <message>
        <source>Separator</source>
        <translation>Trennzeichen</translation>
    </message>
    <message>
        <source>Share of rows whose label is among the five likeliest; with more than five labels.</source>
        <translation>Anteil der Zeilen, deren Label unter den fünf wahrscheinlichsten ist; bei mehr als fünf Labels.</translation>
    </message>
    <message>
        <source>Share of rows whose whole answer is right.</source>
        <translation>Anteil der Zeilen, deren ganze Antwort stimmt.</translation>
    </message>
    <message>
        <source>Smallest crop</source>
        <translation>Kleinster Ausschnitt</translation>
    </message>
    <message>
        <source>Spearman correlation</source>
        <translation>Spearman-Korrelation</translation>
    </message>
    <message>
        <source>Spell recordings</source>
        <translation>Aufnahmen buchstabieren</translation>
    </message>
    <message>
        <source>Swap left and right in half of the images. Not for letters, digits or traffic signs.</source>
        <translation>Vertauscht in der Hälfte der Bilder links und rechts. Nicht für Buchstaben, Ziffern oder Verkehrszeichen.</translation>
    </message>
    <message>
        <source>T5</source>
        <translation>T5</translation>
    </message>
    <message>
        <source>Take a random part of at least this share of the area; 1 takes the whole image.</source>
        <translation>Nimmt einen zufälligen Teil von mindestens diesem Anteil der Fläche; 1 nimmt das ganze Bild.</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Top-5 accuracy</source>
        <translation>Top-5-Genauigkeit</translation>
    </message>
    <message>
        <source>Transformer over the patches of an image; positions are stretched where images have another size.</source>
        <translation>Transformer über die Felder eines Bildes; Positionen werden gestreckt, wo Bilder eine andere Größe haben.</translation>
    </message>
    <message>
        <source>Translates, summarises or rewrites a text; writes down what a recording says.</source>
        <translation>Übersetzt, kürzt oder schreibt einen Text um; schreibt auf, was eine Aufnahme sagt.</translation>
    </message>
    <message>
        <source>Turn into text</source>
        <translation>In Text verwandeln</translation>
    </message>
    <message>
        <source>Vary images</source>
        <translation>Bilder abwandeln</translation>
    </message>
    <message>
        <source>ViT</source>
        <translation>ViT</translation>
    </message>
    <message>
        <source>Wav2Vec2</source>
        <translation>Wav2Vec2</translation>
    </message>
    <message>
        <source>What stands between the labels of one row, where the column holds text and no list.</source>
        <translation>Was zwischen den Labels einer Zeile steht, wenn die Spalte Text und keine Liste enthält.</translation>
    </message>
    <message>
        <source>Whether predicted numbers have the order of the true ones.</source>
        <translation>Ob vorhergesagte Zahlen die Reihenfolge der wahren haben.</translation>
    </message>
    <message>
        <source>Whether predicted numbers rise with the true ones, in a straight line.</source>
        <translation>Ob vorhergesagte Zahlen mit den wahren auf einer Geraden steigen.</translation>
    </message>
    <message>
        <source>Whisper</source>
        <translation>Whisper</translation>
    </message>
    <message>
        <source>Whisper: the language of the recordings, such as en or de.</source>
        <translation>Whisper: die Sprache der Aufnahmen, etwa en oder de.</translation>
    </message>
    <message>
        <source>Whisper: write down what is said, or its English translation.</source>
        <translation>Whisper: aufschreiben, was gesagt wird, oder die englische Übersetzung.</translation>
    </message>
    <message>
        <source>Word error rate</source>
        <translation>Wortfehlerrate</translation>
    </message>
    <message>
        <source>Words to change, drop or add to reach the reference, per word of it.</source>
        <translation>Wörter, die zu ändern, zu streichen oder zu ergänzen sind, je Wort der Vorlage.</translation>
    </message>
    <message>
        <source>Writes down a recording letter by letter, frame by frame (CTC).</source>
        <translation>Schreibt eine Aufnahme Buchstabe für Buchstabe auf, Abschnitt für Abschnitt (CTC).</translation>
    </message>
    <message>
        <source>chrF</source>
        <translation>chrF</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>A description of the task, such as "Classify whether the review is positive".</source>
        <translation>Eine Beschreibung der Aufgabe, etwa "Entscheide, ob die Kritik positiv ist".</translation>
    </message>
    <message>
        <source>A larger model's probabilities are learned beside the labels.</source>
        <translation>Neben den Labels werden die Wahrscheinlichkeiten eines größeren Modells gelernt.</translation>
    </message>
    <message>
        <source>A moving average of the weights is evaluated and kept: 0.999 remembers about 1000 steps, 0 is off.</source>
        <translation>Ein gleitender Mittelwert der Gewichte wird gemessen und behalten: 0.999 erinnert sich an etwa 1000 Schritte, 0 ist aus.</translation>
    </message>
    <message>
        <source>Activation</source>
        <translation>Aktivierung</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Adds the chosen answer's own loss, times this: keeps the model fluent.</source>
        <translation>Nimmt den Verlust der bevorzugten Antwort selbst dazu, mal diesem Faktor: so schreibt das Modell weiter flüssig.</translation>
    </message>
    <message>
        <source>Also learn the chosen answer</source>
        <translation>Bevorzugte Antwort mitlernen</translation>
    </message>
    <message>
        <source>As the last block. Off: the tables of tokens and positions stay as they are.</source>
        <translation>Als letzter Block. Aus: die Tabellen der Tokens und Positionen bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Average the weights</source>
        <translation>Gewichte mitteln</translation>
    </message>
    <message>
        <source>Beta</source>
        <translation>Beta</translation>
    </message>
    <message>
        <source>Between the two projections of the bottleneck.</source>
        <translation>Zwischen den beiden Projektionen des Engpasses.</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>Blocks at the start</source>
        <translation>Blöcke zu Beginn</translation>
    </message>
    <message>
        <source>Blocks join</source>
        <translation>Blöcke kommen dazu</translation>
    </message>
    <message>
        <source>Each block learns so many times as fast as the one above it; 1: all alike.</source>
        <translation>Jeder Block lernt so viel Mal so schnell wie der über ihm; 1: alle gleich.</translation>
    </message>
    <message>
        <source>Ends the stage after so many steps; 0: by epochs.</source>
        <translation>Beendet die Stufe nach so vielen Schritten; 0: nach Epochen.</translation>
    </message>
    <message>
        <source>Evaluations without improvement until the rate falls.</source>
        <translation>Auswertungen ohne Verbesserung, bis die Rate fällt.</translation>
    </message>
    <message>
        <source>Falls in the last</source>
        <translation>Fällt im letzten Teil</translation>
    </message>
    <message>
        <source>Falls to</source>
        <translation>Fällt auf</translation>
    </message>
    <message>
        <source>Faster B (LoRA+)</source>
        <translation>Schnelleres B (LoRA+)</translation>
    </message>
    <message>
        <source>Final rate</source>
        <translation>Endrate</translation>
    </message>
    <message>
        <source>Focal loss</source>
        <translation>Focal Loss</translation>
    </message>
    <message>
        <source>How conversations and instructions become text; auto: as the model's own template says.</source>
        <translation>Wie aus Gesprächen und Anweisungen Text wird; auto: wie die Vorlage des Modells es sagt.</translation>
    </message>
    <message>
        <source>How long until the next block joins.</source>
        <translation>Wie lange es dauert, bis der nächste Block dazukommt.</translation>
    </message>
    <message>
        <source>How many learned tokens stand before each text. They count against the longest row.</source>
        <translation>Wie viele gelernte Tokens vor jedem Text stehen. Sie zählen zur längsten Zeile.</translation>
    </message>
    <message>
        <source>How much a row of each label counts; labels that are not named count 1.</source>
        <translation>Wie viel eine Zeile jedes Labels zählt; nicht genannte zählen 1.</translation>
    </message>
    <message>
        <source>How much better the chosen answer shall be, as a share of beta.</source>
        <translation>Wie viel besser die bevorzugte Antwort sein soll, als Anteil von Beta.</translation>
    </message>
    <message>
        <source>How often every text is seen.</source>
        <translation>Wie oft jeder Text gesehen wird.</translation>
    </message>
    <message>
        <source>How often the cosine starts again from the top.</source>
        <translation>Wie oft der Kosinus wieder von oben beginnt.</translation>
    </message>
    <message>
        <source>How strongly the model is held to the reference: higher stays nearer.</source>
        <translation>Wie stark das Modell an die Referenz gebunden ist: höher bleibt näher.</translation>
    </message>
    <message>
        <source>How the frozen weights are kept: nf4 suits weights best, fp4 is its plain sister, int8 takes twice the memory and loses less.</source>
        <translation>Wie die eingefrorenen Gewichte gehalten werden: nf4 passt am besten zu Gewichten, fp4 ist die einfachere Schwester, int8 braucht doppelt so viel Speicher und verliert weniger.</translation>
    </message>
    <message>
        <source>IA3</source>
        <translation>IA3</translation>
    </message>
    <message>
        <source>Inner channels of that network.</source>
        <translation>Innere Kanäle dieses Netzes.</translation>
    </message>
    <message>
        <source>Keeps the optimizer's moments in main memory while a GPU computes: slower, less GPU memory.</source>
        <translation>Hält die Momente des Optimierers im Hauptspeicher, während eine GPU rechnet: langsamer, weniger GPU-Speicher.</translation>
    </message>
    <message>
        <source>Keeps the scales in 8 bits too, which saves 0.4 bits a weight.</source>
        <translation>Hält auch die Skalen in 8 Bit, was 0,4 Bit je Gewicht spart.</translation>
    </message>
    <message>
        <source>Kept as</source>
        <translation>Gehalten als</translation>
    </message>
    <message>
        <source>Layer-wise</source>
        <translation>Schichtweise</translation>
    </message>
    <message>
        <source>Learn from a teacher</source>
        <translation>Von einem Lehrer lernen</translation>
    </message>
    <message>
        <source>Learns each weight's length beside its direction (Liu et al. 2024): better at small ranks, slower.</source>
        <translation>Lernt die Länge jedes Gewichts neben seiner Richtung (Liu et al. 2024): besser bei kleinen Rängen, langsamer.</translation>
    </message>
    <message>
        <source>LoRA beside weights that are kept in 4 or 8 bits (Dettmers et al. 2023): for models that hardly fit.</source>
        <translation>LoRA neben Gewichten in 4 oder 8 Bit (Dettmers et al. 2023): für Modelle, die kaum in den Speicher passen.</translation>
    </message>
    <message>
        <source>Longer texts are cut.</source>
        <translation>Längere Texte werden gekürzt.</translation>
    </message>
    <message>
        <source>Magnitude apart (DoRA)</source>
        <translation>Länge getrennt (DoRA)</translation>
    </message>
    <message>
        <source>Makes activations again in the backward pass instead of keeping them: much less memory, a third slower.</source>
        <translation>Berechnet Aktivierungen im Rückwärtsgang neu, statt sie zu behalten: viel weniger Speicher, ein Drittel langsamer.</translation>
    </message>
    <message>
        <source>Margin</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>NEFTune (Jain et al. 2023): noise on the tokens' vectors while training, against learning by heart; 5 is usual, 0 is off.</source>
        <translation>NEFTune (Jain et al. 2023): Rauschen auf den Vektoren der Tokens beim Training, gegen Auswendiglernen; 5 ist üblich, 0 ist aus.</translation>
    </message>
    <message>
        <source>Network's channels</source>
        <translation>Kanäle des Netzes</translation>
    </message>
    <message>
        <source>Noise on embeddings</source>
        <translation>Rauschen auf Embeddings</translation>
    </message>
    <message>
        <source>Numbers of the blocks that get adapters, from 0: "0-3, 7". Empty: all of them.</source>
        <translation>Nummern der Blöcke, die Adapter bekommen, ab 0: "0-3, 7". Leer: alle.</translation>
    </message>
    <message>
        <source>Of the polynomial: 1 falls evenly, 2 fast at first.</source>
        <translation>Des Polynoms: 1 fällt gleichmäßig, 2 anfangs schnell.</translation>
    </message>
    <message>
        <source>Of the teacher's part; the labels have the rest.</source>
        <translation>Anteil des Lehrers; den Rest haben die Labels.</translation>
    </message>
    <message>
        <source>Of these layers, those whose input is scaled instead of their output; empty: as the paper does.</source>
        <translation>Die dieser Schichten, deren Eingang statt des Ausgangs skaliert wird; leer: wie in der Arbeit.</translation>
    </message>
    <message>
        <source>One more every</source>
        <translation>Einer mehr alle</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Optimizer on the processor</source>
        <translation>Optimierer auf dem Prozessor</translation>
    </message>
    <message>
        <source>Patience of the rate</source>
        <translation>Geduld der Rate</translation>
    </message>
    <message>
        <source>Placement</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Plain text of the field, as much as there is.</source>
        <translation>Reiner Text des Fachgebiets, so viel es gibt.</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Potenz</translation>
    </message>
    <message>
        <source>Prefer better answers</source>
        <translation>Bessere Antworten bevorzugen</translation>
    </message>
    <message>
        <source>Prefix tuning</source>
        <translation>Prefix-Tuning</translation>
    </message>
    <message>
        <source>Prompt tuning</source>
        <translation>Prompt-Tuning</translation>
    </message>
    <message>
        <source>Pulls the trained weights towards where they started (L2-SP, Li et al. 2018), so that less is forgotten; 0 is off.</source>
        <translation>Zieht die trainierten Gewichte zu ihrem Ausgangspunkt (L2-SP, Li et al. 2018), damit weniger vergessen wird; 0 ist aus.</translation>
    </message>
    <message>
        <source>Put before conversations that have none of their own.</source>
        <translation>Steht vor Gesprächen, die keinen eigenen haben.</translation>
    </message>
    <message>
        <source>QLoRA</source>
        <translation>QLoRA</translation>
    </message>
    <message>
        <source>Quantise scales</source>
        <translation>Skalen quantisieren</translation>
    </message>
    <message>
        <source>Raise it where bad answers are rare.</source>
        <translation>Höher stellen, wo schlechte Antworten selten sind.</translation>
    </message>
    <message>
        <source>Raise it where good answers are rare.</source>
        <translation>Höher stellen, wo gute Antworten selten sind.</translation>
    </message>
    <message>
        <source>Rate by depth</source>
        <translation>Rate nach Tiefe</translation>
    </message>
    <message>
        <source>Recompute activations</source>
        <translation>Aktivierungen neu berechnen</translation>
    </message>
    <message>
        <source>Reduction</source>
        <translation>Verkleinerung</translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation>Neustarts</translation>
    </message>
    <message>
        <source>Rows a step.</source>
        <translation>Zeilen je Schritt.</translation>
    </message>
    <message>
        <source>Rows that have a rare label count more for it.</source>
        <translation>Zeilen mit einem seltenen Label zählen dafür mehr.</translation>
    </message>
    <message>
        <source>Rows that the model gets right already count less (Lin et al. 2017); 2 is usual, 0 is off.</source>
        <translation>Zeilen, die das Modell schon kann, zählen weniger (Lin et al. 2017); 2 ist üblich, 0 ist aus.</translation>
    </message>
    <message>
        <source>Scale the input of</source>
        <translation>Eingang skalieren bei</translation>
    </message>
    <message>
        <source>Share of each bottleneck's outputs that is dropped in training.</source>
        <translation>Anteil der Ausgänge jedes Engpasses, der beim Training wegfällt.</translation>
    </message>
    <message>
        <source>Share of pairs that may be the wrong way round (conservative DPO).</source>
        <translation>Anteil der Paare, die verkehrt herum sein können (konservatives DPO).</translation>
    </message>
    <message>
        <source>Share of the run at its end in which the rate falls.</source>
        <translation>Anteil des Laufs an seinem Ende, in dem die Rate fällt.</translation>
    </message>
    <message>
        <source>Size of the steps.</source>
        <translation>Größe der Schritte.</translation>
    </message>
    <message>
        <source>So many blocks train beside the head from the first step.</source>
        <translation>So viele Blöcke trainieren vom ersten Schritt an neben dem Kopf.</translation>
    </message>
    <message>
        <source>So many weights share a scale. Smaller blocks are more exact and take more memory.</source>
        <translation>So viele Gewichte teilen sich eine Skala. Kleinere Blöcke sind genauer und brauchen mehr Speicher.</translation>
    </message>
    <message>
        <source>Softens both models' probabilities, so that small ones count too.</source>
        <translation>Glättet die Wahrscheinlichkeiten beider Modelle, damit auch kleine zählen.</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>Beginnen mit</translation>
    </message>
    <message>
        <source>Stay near the base</source>
        <translation>Nah am Basismodell</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation>Lehrer</translation>
    </message>
    <message>
        <source>Teaches a language model which of two answers people like better (DPO and its kin).</source>
        <translation>Bringt einem Sprachmodell bei, welche von zwei Antworten besser gefällt (DPO und Verwandte).</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>Text file</source>
        <translation>Textdatei</translation>
    </message>
    <message>
        <source>Text to start from</source>
        <translation>Anfangstext</translation>
    </message>
    <message>
        <source>The bottleneck has so many times fewer channels than the model. Lower it when the model does not learn enough.</source>
        <translation>Der Engpass hat so viel Mal weniger Kanäle als das Modell. Senken, wenn das Modell zu wenig lernt.</translation>
    </message>
    <message>
        <source>The column that holds the text; plain text files have one named text.</source>
        <translation>Die Spalte mit dem Text; reine Textdateien haben eine namens text.</translation>
    </message>
    <message>
        <source>The epoch in which each block joins; below 0: it stays frozen.</source>
        <translation>Die Epoche, in der jeder Block dazukommt; unter 0: er bleibt eingefroren.</translation>
    </message>
    <message>
        <source>The folder of a trained model with the same labels, or the same vocabulary.</source>
        <translation>Der Ordner eines trainierten Modells mit denselben Labels oder demselben Vokabular.</translation>
    </message>
    <message>
        <source>The prefix is made by a small network while training, which is steadier with large rates.</source>
        <translation>Ein kleines Netz erzeugt den Präfix beim Training, was bei großen Raten stabiler ist.</translation>
    </message>
    <message>
        <source>The second factor learns so many times as fast as the first (Hayou et al. 2024); 16 is usual, 1 is plain LoRA.</source>
        <translation>Der zweite Faktor lernt so viel Mal so schnell wie der erste (Hayou et al. 2024); 16 ist üblich, 1 ist einfaches LoRA.</translation>
    </message>
    <message>
        <source>Through a network</source>
        <translation>Über ein Netz</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Trains a factor for each channel of keys, values and feed-forward (Liu et al. 2022): the fewest weights that work.</source>
        <translation>Trainiert einen Faktor je Kanal von Keys, Values und Feed-Forward (Liu et al. 2022): die wenigsten Gewichte, die reichen.</translation>
    </message>
    <message>
        <source>Trains a few virtual tokens before the text (Lester et al. 2021): tiny files, for large models.</source>
        <translation>Trainiert einige virtuelle Tokens vor dem Text (Lester et al. 2021): winzige Dateien, für große Modelle.</translation>
    </message>
    <message>
        <source>Trains keys and values that every layer sees before the text (Li and Liang 2021): for writing text.</source>
        <translation>Trainiert Keys und Values, die jede Schicht vor dem Text sieht (Li und Liang 2021): zum Schreiben von Text.</translation>
    </message>
    <message>
        <source>Trains small bottlenecks after the frozen sub-layers (Houlsby et al. 2019): several tasks share one model.</source>
        <translation>Trainiert kleine Engpässe hinter den eingefrorenen Teilschichten (Houlsby et al. 2019): mehrere Aufgaben teilen ein Modell.</translation>
    </message>
    <message>
        <source>Trains whole blocks, the head first and the lower ones later and slower (Howard and Ruder 2018): keeps what the model knows on small data.</source>
        <translation>Trainiert ganze Blöcke, zuerst den Kopf, die unteren später und langsamer (Howard und Ruder 2018): bewahrt bei wenig Daten, was das Modell kann.</translation>
    </message>
    <message>
        <source>Virtual tokens</source>
        <translation>Virtuelle Tokens</translation>
    </message>
    <message>
        <source>Weigh labels</source>
        <translation>Labels gewichten</translation>
    </message>
    <message>
        <source>Weigh rare labels</source>
        <translation>Seltene Labels gewichten</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Weight by label</source>
        <translation>Gewicht je Label</translation>
    </message>
    <message>
        <source>Weight of bad answers</source>
        <translation>Gewicht schlechter Antworten</translation>
    </message>
    <message>
        <source>Weight of good answers</source>
        <translation>Gewicht guter Antworten</translation>
    </message>
    <message>
        <source>What the rate is multiplied by then.</source>
        <translation>Womit die Rate dann malgenommen wird.</translation>
    </message>
    <message>
        <source>Where the rate ends, as a share of the learning rate.</source>
        <translation>Wo die Rate endet, als Anteil der Lernrate.</translation>
    </message>
    <message>
        <source>Which linear layers are scaled: "auto" takes keys, values and the feed-forward as the paper does; else a list of name endings, or a regular expression.</source>
        <translation>Welche linearen Schichten skaliert werden: "auto" nimmt Keys, Values und Feed-Forward wie in der Arbeit; sonst eine Liste von Namensenden oder ein regulärer Ausdruck.</translation>
    </message>
    <message>
        <source>With a prompt and a completion column: learn to write the completion only, or the prompt as well. In conversations the completion is what the assistant says. Rows of plain text always count whole.</source>
        <translation>Mit einer Spalte für Prompt und einer für Antwort: nur die Antwort schreiben lernen, oder auch den Prompt. In Gesprächen ist die Antwort, was der Assistent sagt. Zeilen reinen Texts zählen immer ganz.</translation>
    </message>
    <message>
        <source>Wrong pairs</source>
        <translation>Verkehrte Paare</translation>
    </message>
    <message>
        <source>adamw_8bit keeps its moments in 8 bits: a quarter of their memory.</source>
        <translation>adamw_8bit hält seine Momente in 8 Bit: ein Viertel ihres Speichers.</translation>
    </message>
    <message>
        <source>balanced: rare labels count more, so that each label counts alike; given: as the table says.</source>
        <translation>balanced: seltene Labels zählen mehr, sodass jedes gleich viel zählt; given: wie die Tabelle sagt.</translation>
    </message>
    <message>
        <source>blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>bucketed: rows of like length together, which wastes less; shuffled: purely at random; packed: rows one after another without padding, none sees another.</source>
        <translation>bucketed: ähnlich lange Zeilen zusammen, was weniger verschwendet; shuffled: rein zufällig; packed: Zeilen hintereinander ohne Füllung, keine sieht eine andere.</translation>
    </message>
    <message>
        <source>dpo is the usual one; ipo and hinge hold back where answers hardly differ; simpo and orpo need no reference; kto learns from single answers that are good or bad.</source>
        <translation>dpo ist das übliche; ipo und hinge halten sich zurück, wo Antworten sich kaum unterscheiden; simpo und orpo brauchen keine Referenz; kto lernt aus einzelnen Antworten, die gut oder schlecht sind.</translation>
    </message>
    <message>
        <source>every: one more each time, from the head down; plateau: whenever the validation does not improve; given: as the timeline says; none: all train from the start.</source>
        <translation>every: jedes Mal einer mehr, vom Kopf abwärts; plateau: wann immer die Validierung nicht besser wird; given: wie der Zeitplan sagt; none: alle trainieren von Anfang an.</translation>
    </message>
    <message>
        <source>pfeiffer: one after each feed-forward; houlsby: one after each attention too, twice the size.</source>
        <translation>pfeiffer: einer hinter jedem Feed-Forward; houlsby: auch hinter jeder Attention, doppelt so groß.</translation>
    </message>
    <message>
        <source>vocabulary: random ordinary tokens; text: a text of yours; random numbers often fail to learn.</source>
        <translation>vocabulary: zufällige gewöhnliche Tokens; text: ein eigener Text; Zufallszahlen lernen oft nichts.</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgeglichen</translation>
    </message>
    <message>
        <source>Given</source>
        <translation>Gegeben</translation>
    </message>
    <message>
        <source>Every</source>
        <translation>Regelmäßig</translation>
    </message>
    <message>
        <source>Plateau</source>
        <translation>Plateau</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vokabular</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>Zufällig</translation>
    </message>
    <message>
        <source>Hinge</source>
        <translation>Hinge</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>Schlicht</translation>
    </message>
    <message>
        <source>Cosine restarts</source>
        <translation>Kosinus mit Neustarts</translation>
    </message>
    <message>
        <source>Polynomial</source>
        <translation>Polynom</translation>
    </message>
    <message>
        <source>Inverse square root</source>
        <translation>Inverse Wurzel</translation>
    </message>
    <message>
        <source>One cycle</source>
        <translation>Ein Zyklus</translation>
    </message>
    <message>
        <source>Warmup stable decay</source>
        <translation>Anstieg, gleichbleibend, Abfall</translation>
    </message>
    <message>
        <source>Packed</source>
        <translation>Gepackt</translation>
    </message>
    <message>
        <source>AdamW in 8 bits</source>
        <translation>AdamW in 8 Bit</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Instruction</source>
        <translation>Anweisung</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Response</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Chosen</source>
        <translation>Bevorzugt</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Desirable</source>
        <translation>Erwünscht</translation>
    </message>
    <message>
        <source>Needs an estimated %1; %2 are available.</source>
        <translation>Braucht geschätzt %1; %2 sind verfügbar.</translation>
    </message>
    <message>
        <source>Most freedom, and a result as large as the model.</source>
        <translation>Die meiste Freiheit, und ein Ergebnis so groß wie das Modell.</translation>
    </message>
    <message>
        <source>All of %1 weights for %2 rows: they are easily learned by heart.</source>
        <translation>Alle %1 Gewichte für %2 Zeilen: sie werden leicht auswendig gelernt.</translation>
    </message>
    <message>
        <source>Fastest; good where the pre-trained model sees the difference already.</source>
        <translation>Am schnellsten; gut, wo das vortrainierte Modell den Unterschied schon sieht.</translation>
    </message>
    <message>
        <source>Trains the output layer alone, which changes how a model speaks very little.</source>
        <translation>Trainiert nur die Ausgabeschicht, was die Sprache eines Modells kaum ändert.</translation>
    </message>
    <message>
        <source>Keeps what the lower blocks know; takes some care with the timeline.</source>
        <translation>Bewahrt, was die unteren Blöcke wissen; der Zeitplan braucht etwas Sorgfalt.</translation>
    </message>
    <message>
        <source>Several tasks share one model; each answer takes a little longer.</source>
        <translation>Mehrere Aufgaben teilen ein Modell; jede Antwort dauert etwas länger.</translation>
    </message>
    <message>
        <source>%1 of the memory of full fine-tuning, and it can be merged.</source>
        <translation>%1 des Speichers von vollem Fine-Tuning, und einschmelzbar.</translation>
    </message>
    <message>
        <source>Little memory, and it can be merged.</source>
        <translation>Wenig Speicher, und einschmelzbar.</translation>
    </message>
    <message>
        <source>Saves %1 beside LoRA, and is slower.</source>
        <translation>Spart %1 gegenüber LoRA und ist langsamer.</translation>
    </message>
    <message>
        <source>The frozen weights take a fourth to an eighth, and steps are slower.</source>
        <translation>Die eingefrorenen Gewichte brauchen ein Viertel bis ein Achtel, Schritte sind langsamer.</translation>
    </message>
    <message>
        <source>Saves nothing on a model of this size.</source>
        <translation>Spart bei einem Modell dieser Größe nichts.</translation>
    </message>
    <message>
        <source>The smallest file that still learns; less freedom than LoRA.</source>
        <translation>Die kleinste Datei, die noch lernt; weniger Freiheit als LoRA.</translation>
    </message>
    <message>
        <source>A tiny file; for large models alone.</source>
        <translation>Eine winzige Datei; nur für große Modelle.</translation>
    </message>
    <message>
        <source>Weak on models below a billion parameters.</source>
        <translation>Schwach bei Modellen unter einer Milliarde Parameter.</translation>
    </message>
    <message>
        <source>A small file, for writing text; sensitive to how it starts.</source>
        <translation>Eine kleine Datei, zum Schreiben von Text; empfindlich dafür, womit sie beginnt.</translation>
    </message>
    <message>
        <source>The advice follows from the number of rows and the size of the model. Choose both first.</source>
        <translation>Der Rat folgt aus der Zahl der Zeilen und der Größe des Modells. Wähle zuerst beide.</translation>
    </message>
    <message>
        <source>The weights are drawn anew, so every one of them has to be trained.</source>
        <translation>Die Gewichte werden neu gezogen, also muss jedes trainiert werden.</translation>
    </message>
    <message>
        <source>%1 is estimated at %2, and %3 are free. %4 needs %5 and trains %6 parameters.</source>
        <translation>%1 ist auf %2 geschätzt, und %3 sind frei. %4 braucht %5 und trainiert %6 Parameter.</translation>
    </message>
    <message>
        <source>%1 training rows are few. On the frozen model only the head's %2 parameters learn, instead of %3, so the rows are not so easily learned by heart.</source>
        <translation>%1 Trainingszeilen sind wenige. Auf dem eingefrorenen Modell lernen nur die %2 Parameter des Kopfes statt %3, sodass die Zeilen nicht so leicht auswendig gelernt werden.</translation>
    </message>
    <message>
        <source>A model of %1 parameters is small: training all of it is estimated at %2 of memory. There is little to save, and %3 training rows can move every weight.</source>
        <translation>Ein Modell mit %1 Parametern ist klein: alles zu trainieren ist auf %2 Speicher geschätzt. Es gibt wenig zu sparen, und %3 Trainingszeilen können jedes Gewicht bewegen.</translation>
    </message>
    <message>
        <source>A model of %1 parameters is small: there is little to save, and %2 training rows can move every weight.</source>
        <translation>Ein Modell mit %1 Parametern ist klein: es gibt wenig zu sparen, und %2 Trainingszeilen können jedes Gewicht bewegen.</translation>
    </message>
    <message>
        <source>%1 training rows for %2 parameters: %3 of them are trained, in an estimated %4 of memory instead of %5, and the frozen model keeps what it knows.</source>
        <translation>%1 Trainingszeilen für %2 Parameter: %3 davon werden trainiert, in geschätzt %4 Speicher statt %5, und das eingefrorene Modell bewahrt, was es weiß.</translation>
    </message>
    <message>
        <source>%1 training rows for %2 parameters: a small part of them is trained, and the frozen model keeps what it knows.</source>
        <translation>%1 Trainingszeilen für %2 Parameter: ein kleiner Teil wird trainiert, und das eingefrorene Modell bewahrt, was es weiß.</translation>
    </message>
    <message>
        <source>Of a model of %1 parameters the weights themselves are most of the memory. %2 needs an estimated %3.</source>
        <translation>Bei einem Modell mit %1 Parametern sind die Gewichte selbst der meiste Speicher. %2 braucht geschätzt %3.</translation>
    </message>
    <message>
        <source>Preferences are learned against the untouched model. With its adapter switched off, %1 is that model itself: no second copy is held, an estimated %2 in all.</source>
        <translation>Vorlieben werden am unveränderten Modell gemessen. Mit abgeschaltetem Adapter ist %1 dieses Modell selbst: keine zweite Kopie, geschätzt %2 insgesamt.</translation>
    </message>
    <message>
        <source>This is a rule of thumb: to know, run both and compare them on Runs.</source>
        <translation>Das ist eine Faustregel: Gewissheit gibt, beide laufen zu lassen und sie unter Läufe zu vergleichen.</translation>
    </message>
    <message>
        <source>the weights are drawn anew, so they cannot stay frozen</source>
        <translation>die Gewichte werden neu gezogen, sie können also nicht eingefroren bleiben</translation>
    </message>
    <message>
        <source>this model's output is its embedding, so there is no head to train apart from it</source>
        <translation>der Ausgang dieses Modells ist sein Embedding, es gibt also keinen Kopf, der getrennt davon trainieren könnte</translation>
    </message>
    <message>
        <source>the model has no attention and feed-forward for a bottleneck to stand behind</source>
        <translation>das Modell hat weder Attention noch Feed-Forward, hinter denen ein Engpass stehen könnte</translation>
    </message>
    <message>
        <source>the model's weights are convolutions and batch norms, which few bits spoil</source>
        <translation>die Gewichte des Modells sind Faltungen und Batch-Normen, die wenige Bits verderben</translation>
    </message>
    <message>
        <source>the model reads pixels: there are no tokens for a prompt to stand before</source>
        <translation>das Modell liest Pixel: es gibt keine Tokens, vor denen ein Prompt stehen könnte</translation>
    </message>
    <message>
        <source>the model reads sound: there are no tokens for a prompt to stand before</source>
        <translation>das Modell liest Klang: es gibt keine Tokens, vor denen ein Prompt stehen könnte</translation>
    </message>
    <message>
        <source>masked words are learned all over the model: a few virtual tokens are too little for them</source>
        <translation>maskierte Wörter werden im ganzen Modell gelernt: einige virtuelle Tokens sind dafür zu wenig</translation>
    </message>
    <message>
        <source>preferences move whole answers: a few virtual tokens are too weak for them</source>
        <translation>Vorlieben bewegen ganze Antworten: einige virtuelle Tokens sind dafür zu schwach</translation>
    </message>
    <message>
        <source>the model keeps no keys and values of earlier tokens</source>
        <translation>das Modell behält keine Keys und Values früherer Tokens</translation>
    </message>
    <message>
        <source>the model takes no keys and values from outside</source>
        <translation>das Modell nimmt keine Keys und Values von außen</translation>
    </message>
    <message>
        <source>Use retrieval first</source>
        <translation>Zuerst eine Suche verwenden</translation>
    </message>
    <message>
        <source>Write a prompt first</source>
        <translation>Zuerst einen Prompt schreiben</translation>
    </message>
    <message>
        <source>Train the head on a frozen model</source>
        <translation>Den Kopf auf eingefrorenem Modell trainieren</translation>
    </message>
    <message>
        <source>Fine-tune with LoRA</source>
        <translation>Mit LoRA fine-tunen</translation>
    </message>
    <message>
        <source>Adapt to the field, then fine-tune</source>
        <translation>Erst ans Fachgebiet anpassen, dann fine-tunen</translation>
    </message>
    <message>
        <source>A model cannot say where it read something. Let a search find the passages (RAG), and let the model answer from them: then each answer has its source.</source>
        <translation>Ein Modell kann nicht sagen, wo es etwas gelesen hat. Lass eine Suche die Stellen finden (RAG) und das Modell daraus antworten: dann hat jede Antwort ihre Quelle.</translation>
    </message>
    <message>
        <source>Facts that change would have to be trained in again and again, and old ones stay in the weights. A search over the documents (RAG) is up to date as soon as they are.</source>
        <translation>Fakten, die sich ändern, müssten immer neu trainiert werden, und alte bleiben in den Gewichten. Eine Suche über die Dokumente (RAG) ist aktuell, sobald sie es sind.</translation>
    </message>
    <message>
        <source>So few examples teach a model how to talk about new facts, not the facts: it then makes them up. Put the facts into the prompt by a search (RAG).</source>
        <translation>So wenige Beispiele lehren ein Modell, über neue Fakten zu reden, nicht die Fakten: es erfindet sie dann. Bring die Fakten durch eine Suche (RAG) in den Prompt.</translation>
    </message>
    <message>
        <source>Fewer than 50 examples are learned by heart. Put a few of the best into a prompt, collect what goes wrong, and come back with a few hundred.</source>
        <translation>Weniger als 50 Beispiele werden auswendig gelernt. Nimm einige der besten in einen Prompt, sammle, was schiefgeht, und komm mit ein paar Hundert wieder.</translation>
    </message>
    <message>
        <source>Up to a thousand rows with labels are enough for a new head on what a pre-trained model sees in them. If that is not good enough, LoRA is the next step.</source>
        <translation>Bis zu tausend Zeilen mit Labels reichen für einen neuen Kopf auf dem, was ein vortrainiertes Modell in ihnen sieht. Wenn das nicht gut genug ist, ist LoRA der nächste Schritt.</translation>
    </message>
    <message>
        <source>Thousands of labelled rows can move more than a head. LoRA trains a small part of the weights and usually comes as far as training all.</source>
        <translation>Tausende Zeilen mit Labels können mehr als einen Kopf bewegen. LoRA trainiert einen kleinen Teil der Gewichte und kommt meist so weit wie alle.</translation>
    </message>
    <message>
        <source>Style and format are learned well from 50 to 1,000 good examples. Facts that change would need retrieval (RAG) instead, because the weights cannot be updated every day.</source>
        <translation>Stil und Format lernen sich gut aus 50 bis 1.000 guten Beispielen. Fakten, die sich ändern, bräuchten stattdessen eine Suche (RAG), weil die Gewichte nicht täglich neu werden können.</translation>
    </message>
    <message>
        <source>Style and format are learned well, and thousands of examples leave room to choose the best of them. Begin with LoRA; train all weights only if that falls short.</source>
        <translation>Stil und Format lernen sich gut, und Tausende Beispiele lassen Raum, die besten zu wählen. Beginne mit LoRA; trainiere alle Gewichte nur, wenn das nicht reicht.</translation>
    </message>
    <message>
        <source>Lasting knowledge of a field is learned from plain text of it first, with the model's own language objective; the task comes after that. Have retrieval (RAG) beside it for what must be exact.</source>
        <translation>Dauerhaftes Fachwissen lernt sich zuerst aus reinem Text des Gebiets, mit dem eigenen Sprachziel des Modells; danach kommt die Aufgabe. Für alles, was genau sein muss, eine Suche (RAG) daneben.</translation>
    </message>
    <message>
        <source>Ovadia et al. 2023 compared both on new facts: retrieval won throughout. Gekhman et al. 2024 found that new facts are learned slowly and make a model invent more.</source>
        <translation>Ovadia et al. 2023 verglichen beides an neuen Fakten: die Suche gewann durchweg. Gekhman et al. 2024 fanden, dass neue Fakten langsam gelernt werden und ein Modell mehr erfinden lassen.</translation>
    </message>
    <message>
        <source>Brown et al. 2020 showed that large models take a task from a few examples in the prompt. It costs nothing to try, and its failures are the examples to train on later.</source>
        <translation>Brown et al. 2020 zeigten, dass große Modelle eine Aufgabe aus wenigen Beispielen im Prompt übernehmen. Der Versuch kostet nichts, und seine Fehler sind die Beispiele für späteres Training.</translation>
    </message>
    <message>
        <source>Zhou et al. 2023 taught style with 1,000 chosen examples. PEFT's public comparison (Llama-3.2-3B, GSM8K) gives LoRA 0.478 and full fine-tuning 0.472, with 57 % of the memory.</source>
        <translation>Zhou et al. 2023 lehrten Stil mit 1.000 ausgewählten Beispielen. PEFTs öffentlicher Vergleich (Llama-3.2-3B, GSM8K) nennt LoRA 0.478 und volles Fine-Tuning 0.472, bei 57 % des Speichers.</translation>
    </message>
    <message>
        <source>Howard and Ruder 2018 train the head first and the layers below it later, for the same reason: few rows should not move what the model already knows.</source>
        <translation>Howard und Ruder 2018 trainieren aus demselben Grund zuerst den Kopf und die Schichten darunter später: wenige Zeilen sollen nicht bewegen, was das Modell schon weiß.</translation>
    </message>
    <message>
        <source>Gururangan et al. 2020 found that going on with pre-training on a field's text helps nearly every task of that field, with few rows most of all.</source>
        <translation>Gururangan et al. 2020 fanden, dass weiteres Vortraining auf Text eines Gebiets fast jeder Aufgabe darin hilft, bei wenigen Zeilen am meisten.</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>An earlier export in that folder is replaced once the new one is complete. Folders that Luthier did not write are never touched.</source>
        <translation>Ein früherer Export in diesem Ordner wird ersetzt, sobald der neue vollständig ist. Ordner, die nicht von Luthier stammen, bleiben unberührt.</translation>
    </message>
    <message>
        <source>Merge adapters</source>
        <translation>Adapter einrechnen</translation>
    </message>
    <message>
        <source>Off: the base model's weights as they are, with the adapter in a folder beside them.</source>
        <translation>Aus: die Gewichte des Grundmodells, wie sie sind, und der Adapter in einem Ordner daneben.</translation>
    </message>
    <message>
        <source>Merge QLoRA into</source>
        <translation>QLoRA einrechnen in</translation>
    </message>
    <message>
        <source>The base model in full precision, or what the few bits stood for in training. closer: both are measured on held-out rows, and the one nearer to the trained model is taken.</source>
        <translation>Das Grundmodell in voller Genauigkeit oder das, wofür die wenigen Bits beim Training standen. closer: beides wird an zurückgehaltenen Zeilen gemessen und das genommen, was dem trainierten Modell näher kommt.</translation>
    </message>
    <message>
        <source>Largest file</source>
        <translation>Größte Datei</translation>
    </message>
    <message>
        <source>The weights are cut into files of at most this size; 0: one file.</source>
        <translation>Die Gewichte werden auf Dateien von höchstens dieser Größe verteilt; 0: eine Datei.</translation>
    </message>
    <message>
        <source>Weigh by data</source>
        <translation>Nach Daten gewichten</translation>
    </message>
    <message>
        <source>With 8 bits and fewer: the weights that held-out rows use most are rounded most carefully.</source>
        <translation>Bei 8 Bit und weniger: Gewichte, die von zurückgehaltenen Zeilen am meisten gebraucht werden, werden am sorgfältigsten gerundet.</translation>
    </message>
    <message>
        <source>Fixed activation ranges</source>
        <translation>Feste Aktivierungsbereiche</translation>
    </message>
    <message>
        <source>At int8: what the layers read gets its scale once, from held-out rows, instead of anew for each input. Faster, and what embedded runtimes ask for; a little less exact.</source>
        <translation>Bei int8: Was die Schichten lesen, bekommt seine Skala einmal, von zurückgehaltenen Zeilen, statt für jede Eingabe neu. Schneller und auf eingebetteten Geräten verlangt; etwas weniger genau.</translation>
    </message>
    <message>
        <source>Rows for ranges</source>
        <translation>Zeilen für die Bereiche</translation>
    </message>
    <message>
        <source>The ranges are found on so many held-out rows at most; where there are enough, other rows than the proof compares.</source>
        <translation>Die Bereiche werden an höchstens so vielen zurückgehaltenen Zeilen ermittelt; wenn genug da sind, an anderen als denen, die der Nachweis vergleicht.</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>What the model card says, such as apache-2.0; empty: the base model's.</source>
        <translation>Was im Datenblatt des Modells steht, etwa apache-2.0; leer: die des Grundmodells.</translation>
    </message>
    <message>
        <source>TorchScript file</source>
        <translation>TorchScript-Datei</translation>
    </message>
    <message>
        <source>What the model computes as one file that LibTorch and PyTorch run, without Luthier or transformers, for any batch and length.</source>
        <translation>Was das Modell rechnet, als eine Datei, die LibTorch und PyTorch ohne Luthier und transformers ausführen, für jede Zahl und Länge von Zeilen.</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>ONNX files</source>
        <translation>ONNX-Dateien</translation>
    </message>
    <message>
        <source>What the model computes for ONNX Runtime and others, in servers, phones, browsers and embedded systems, for any batch and length.</source>
        <translation>Was das Modell rechnet, für ONNX Runtime und andere: auf Servern, Telefonen, in Browsern und eingebetteten Systemen, für jede Zahl und Länge von Zeilen.</translation>
    </message>
    <message>
        <source>Bundle</source>
        <translation>Bündel</translation>
    </message>
    <message>
        <source>A folder to use elsewhere without Luthier: the ONNX file with small programs in Python and JavaScript and a web page that runs it in the browser.</source>
        <translation>Ein Ordner, der anderswo ohne Luthier läuft: die ONNX-Datei mit kleinen Programmen in Python und JavaScript und einer Webseite, die sie im Browser ausführt.</translation>
    </message>
    <message>
        <source>Luthier folder in few bits</source>
        <translation>Luthier-Ordner in wenigen Bits</translation>
    </message>
    <message>
        <source>For Luthier&apos;s own server and commands on small devices: the linear layers in 8 or 4 bits, on the disk and in memory.</source>
        <translation>Für Luthiers eigenen Server und seine Befehle auf kleinen Geräten: die linearen Schichten in 8 oder 4 Bit, auf der Platte und im Speicher.</translation>
    </message>
</context>
</TS>
