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
        <source>Hugging Face folder</source>
        <translation>Hugging-Face-Ordner</translation>
    </message>
    <message>
        <source>The adapter alone, a few megabytes: opens in PEFT on top of the base model.</source>
        <translation>Nur der Adapter, wenige Megabyte: öffnet sich in PEFT über dem Basismodell.</translation>
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
        <source>Two-byte numbers halve the size and change the results a little.</source>
        <translation>Zwei-Byte-Zahlen halbieren die Größe und ändern die Ergebnisse ein wenig.</translation>
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
</context>
</TS>
