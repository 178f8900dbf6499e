<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Catalog</name>
    <message>
        <source>JSON lines</source>
        <translation>JSON-Zeilen</translation>
    </message>
    <message>
        <source>AdamW in 8 bits</source>
        <translation>AdamW in 8 Bit</translation>
    </message>
    <message>
        <source>Inverse square root</source>
        <translation>Inverse Wurzel</translation>
    </message>
    <message>
        <source>lower</source>
        <extracomment>Say &quot;capital&quot; where the language writes nouns with a capital letter, &quot;lower&quot; where it does not. Never shown.</extracomment>
        <translation>capital</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Decides every random choice: the same recipe and seed give the same run.</source>
        <translation>Bestimmt jede zufällige Wahl: gleiches Rezept und gleicher Startwert ergeben denselben Lauf.</translation>
    </message>
    <message>
        <source>Adapt to the field</source>
        <translation>Ans Fachgebiet anpassen</translation>
    </message>
    <message>
        <source>A first stage on plain text of the field, with the model&apos;s own language objective; the task starts from what it makes.</source>
        <translation>Eine erste Stufe auf reinem Text des Fachgebiets, mit dem eigenen Sprachziel des Modells; die Aufgabe beginnt mit dem, was dabei entsteht.</translation>
    </message>
</context>
<context>
    <name>DataEdits</name>
    <message>
        <source>Suggested columns</source>
        <translation>Vorgeschlagene Spalten</translation>
    </message>
    <message>
        <source>Data file</source>
        <translation>Datendatei</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Aufteilung</translation>
    </message>
</context>
<context>
    <name>FindingActions</name>
    <message>
        <source>Duplicates</source>
        <translation>Duplikate</translation>
    </message>
    <message>
        <source>Leaked rows</source>
        <translation>Durchgesickert</translation>
    </message>
    <message>
        <source>Too long</source>
        <translation>Zu lang</translation>
    </message>
    <message>
        <source>No lesson</source>
        <translation>Ohne Lernziel</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>No label</source>
        <translation>Ohne Label</translation>
    </message>
    <message>
        <source>Two labels</source>
        <translation>Zwei Labels</translation>
    </message>
    <message>
        <source>Broken</source>
        <translation>Defekt</translation>
    </message>
    <message>
        <source>Odd characters</source>
        <translation>Seltsame Zeichen</translation>
    </message>
    <message>
        <source>Uneven labels</source>
        <translation>Ungleiche Labels</translation>
    </message>
    <message>
        <source>Odd tags</source>
        <translation>Seltsame Tags</translation>
    </message>
    <message>
        <source>Unknown split</source>
        <translation>Unbekannter Teil</translation>
    </message>
    <message>
        <source>NUL characters</source>
        <translation>NUL-Zeichen</translation>
    </message>
    <message>
        <source>File is cut off</source>
        <translation>Datei abgeschnitten</translation>
    </message>
    <message>
        <source>Short rows</source>
        <translation>Kurze Zeilen</translation>
    </message>
    <message>
        <source>Unknown keys</source>
        <translation>Unbekannte Schlüssel</translation>
    </message>
    <message>
        <source>No rows</source>
        <translation>Keine Zeilen</translation>
    </message>
    <message>
        <source>Empty columns</source>
        <translation>Leere Spalten</translation>
    </message>
    <message>
        <source>Renamed columns</source>
        <translation>Umbenannte Spalten</translation>
    </message>
    <message>
        <source>Nested table</source>
        <translation>Verschachtelte Tabelle</translation>
    </message>
    <message>
        <source>Odd weights</source>
        <translation>Seltsame Gewichte</translation>
    </message>
    <message>
        <source>Label numbers</source>
        <translation>Label-Nummern</translation>
    </message>
    <message>
        <source>Unused labels</source>
        <translation>Ungenutzte Labels</translation>
    </message>
    <message>
        <source>Blocks training</source>
        <translation>Verhindert das Training</translation>
    </message>
    <message>
        <source>Raise the limit to %1 tokens: no row is cut</source>
        <translation>Grenze auf %1 Tokens anheben: keine Zeile wird gekürzt</translation>
    </message>
    <message>
        <source>Raise the limit to %1 tokens, the most that the model reads</source>
        <translation>Grenze auf %1 Tokens anheben, mehr liest das Modell nicht</translation>
    </message>
</context>
<context>
    <name>MediaFile</name>
    <message>
        <source>%1, %2 × %3, %4</source>
        <translation>%1, %2 × %3, %4</translation>
    </message>
    <message numerus="yes">
        <source>%1, %2 Hz, %n channels, %3 s, %4</source>
        <translation>
            <numerusform>%1, %2 Hz, %n Kanal, %3 s, %4</numerusform>
            <numerusform>%1, %2 Hz, %n Kanäle, %3 s, %4</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MethodWords</name>
    <message>
        <source>Which method</source>
        <translation>Welches Verfahren</translation>
    </message>
    <message>
        <source>Why %1 is recommended</source>
        <translation>Warum %1 empfohlen wird</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>scale %1</source>
        <translation>Skala %1</translation>
    </message>
    <message>
        <source>usual %1–%2</source>
        <translation>üblich %1–%2</translation>
    </message>
    <message>
        <source>%1 rows a step</source>
        <translation>%1 Zeilen je Schritt</translation>
    </message>
    <message>
        <source>ends after %1 steps</source>
        <translation>endet nach %1 Schritten</translation>
    </message>
    <message>
        <source>%1 steps</source>
        <translation>%1 Schritte</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>cuts %1 of rows</source>
        <translation>kürzt %1 der Zeilen</translation>
    </message>
    <message>
        <source>longest %1</source>
        <translation>längste %1</translation>
    </message>
    <message>
        <source>Not available: %1.</source>
        <translation>Nicht verfügbar: %1.</translation>
    </message>
    <message>
        <source>Not available: %1. Choose %2 instead.</source>
        <translation>Nicht verfügbar: %1. Wähle stattdessen %2.</translation>
    </message>
    <message>
        <source>%1 channels, %2</source>
        <translation>%1 Kanäle, %2</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>Save charts</source>
        <translation>Diagramme speichern</translation>
    </message>
    <message>
        <source>Picture (*.png)</source>
        <translation>Bild (*.png)</translation>
    </message>
    <message>
        <source>Drawing (*.svg)</source>
        <translation>Zeichnung (*.svg)</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabelle (*.csv)</translation>
    </message>
    <message>
        <source>The charts were not saved</source>
        <translation>Die Diagramme wurden nicht gespeichert</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>Gespeichert als %1</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>Epoche</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>No values yet</source>
        <translation>Noch keine Werte</translation>
    </message>
    <message>
        <source>best %1</source>
        <translation>bester Wert %1</translation>
    </message>
    <message>
        <source>Classify images</source>
        <translation>Bilder einordnen</translation>
    </message>
    <message>
        <source>Tell small drawn symbols apart, from two dozen pictures of each.</source>
        <translation>Kleine gezeichnete Symbole unterscheiden, aus je zwei Dutzend Bildern.</translation>
    </message>
    <message>
        <source>Recognise spoken words</source>
        <translation>Gesprochene Wörter erkennen</translation>
    </message>
    <message>
        <source>Tell ten commands apart, spoken by voices that were never heard before.</source>
        <translation>Zehn Befehle unterscheiden, gesprochen von Stimmen, die nie zuvor zu hören waren.</translation>
    </message>
    <message>
        <source>Classify text</source>
        <translation>Texte klassifizieren</translation>
    </message>
    <message>
        <source>Sort short messages to a help desk by what they are about.</source>
        <translation>Kurze Anfragen an den Kundendienst nach ihrem Thema sortieren.</translation>
    </message>
    <message>
        <source>Follow instructions</source>
        <translation>Anweisungen befolgen</translation>
    </message>
    <message>
        <source>Teach a small language model to answer in your format.</source>
        <translation>Einem kleinen Sprachmodell beibringen, im eigenen Format zu antworten.</translation>
    </message>
    <message>
        <source>First text</source>
        <translation>Erster Text</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>Zweiter Text</translation>
    </message>
    <message>
        <source>Completion</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>when it is masked</source>
        <translation>wenn es maskiert ist</translation>
    </message>
    <message>
        <source>no longer there</source>
        <translation>nicht mehr vorhanden</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>nicht geprüft</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>bestanden</translation>
    </message>
    <message>
        <source>differs</source>
        <translation>weicht ab</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>Difference of logits, relative</source>
        <translation>Abweichung der Logits, relativ</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>Largest difference of logits</source>
        <translation>Größte Abweichung der Logits</translation>
    </message>
    <message>
        <source>The same difference, as it is.</source>
        <translation>Dieselbe Abweichung als absoluter Wert.</translation>
    </message>
    <message>
        <source>Same highest logit</source>
        <translation>Gleicher höchster Logit</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>mindestens %1</translation>
    </message>
    <message>
        <source>%1 of %2 positions.</source>
        <translation>%1 von %2 Positionen.</translation>
    </message>
    <message>
        <source>Mean KL divergence</source>
        <translation>Mittlere KL-Divergenz</translation>
    </message>
    <message>
        <source>In nats; 0 means the same distribution.</source>
        <translation>In Nats; 0 bedeutet dieselbe Verteilung.</translation>
    </message>
    <message>
        <source>Loss of these rows</source>
        <translation>Verlust dieser Zeilen</translation>
    </message>
    <message>
        <source>Accuracy on these rows</source>
        <translation>Genauigkeit auf diesen Zeilen</translation>
    </message>
    <message>
        <source>Right tokens</source>
        <translation>Richtige Tokens</translation>
    </message>
    <message>
        <source>F1 on these rows</source>
        <translation>F1 auf diesen Zeilen</translation>
    </message>
    <message>
        <source>Mean squared error</source>
        <translation>Mittlerer quadratischer Fehler</translation>
    </message>
    <message>
        <source>Wrong tokens</source>
        <translation>Falsche Tokens</translation>
    </message>
    <message>
        <source>same</source>
        <translation>gleich</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 Punkte</translation>
    </message>
    <message>
        <source>%1 in memory, %2 from the file.</source>
        <translation>%1 im Speicher, %2 aus der Datei.</translation>
    </message>
    <message>
        <source>Same whole answers</source>
        <translation>Gleiche ganze Antworten</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 tokens, the likeliest each time.</source>
        <translation>%1 Tokens, jedes Mal das wahrscheinlichste.</translation>
    </message>
    <message>
        <source>Tensors on the disk</source>
        <translation>Tensoren auf dem Datenträger</translation>
    </message>
    <message>
        <source>all equal</source>
        <translation>alle gleich</translation>
    </message>
    <message>
        <source>%1 differ</source>
        <translation>%1 weichen ab</translation>
    </message>
    <message>
        <source>Each has the bytes that were exported.</source>
        <translation>Jeder hat die Bytes, die exportiert wurden.</translation>
    </message>
    <message>
        <source>%1 changed, %2 missing, %3 too many.</source>
        <translation>%1 geändert, %2 fehlen, %3 zu viel.</translation>
    </message>
    <message>
        <source>The file was not checked yet</source>
        <translation>Die Datei wurde noch nicht geprüft</translation>
    </message>
    <message>
        <source>Check it to compare what it computes with the model.</source>
        <translation>Die Prüfung vergleicht, was die Datei berechnet, mit dem Modell.</translation>
    </message>
    <message>
        <source>The file computes what the model computes</source>
        <translation>Die Datei berechnet dasselbe wie das Modell</translation>
    </message>
    <message>
        <source>The file differs from the model</source>
        <translation>Die Datei weicht vom Modell ab</translation>
    </message>
    <message>
        <source>Another process loaded it from the disk and compared %1 rows, %2 positions.</source>
        <translation>Ein anderer Prozess hat sie geladen und %1 Zeilen mit %2 Positionen verglichen.</translation>
    </message>
    <message>
        <source>No rows could be compared.</source>
        <translation>Keine Zeile konnte verglichen werden.</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>All files, without the proof&apos;s own.</source>
        <translation>Alle Dateien, ohne die des Nachweises.</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>From the disk into memory.</source>
        <translation>Vom Datenträger in den Speicher.</translation>
    </message>
    <message>
        <source>Time for a row</source>
        <translation>Zeit je Zeile</translation>
    </message>
    <message>
        <source>One row at a time, on this machine.</source>
        <translation>Zeile für Zeile, auf diesem Rechner.</translation>
    </message>
    <message>
        <source>First token, then each</source>
        <translation>Erstes Token, dann jedes</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>On the processor of this machine.</source>
        <translation>Auf dem Prozessor dieses Rechners.</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Of the process that loaded and computed it.</source>
        <translation>Des Prozesses, der sie geladen und berechnet hat.</translation>
    </message>
    <message>
        <source>best checkpoint, step %1</source>
        <translation>bester Checkpoint, Schritt %1</translation>
    </message>
    <message>
        <source>last checkpoint, step %1 of %2</source>
        <translation>letzter Checkpoint, Schritt %1 von %2</translation>
    </message>
    <message>
        <source>Not available: %1 models do not run where this format is for.</source>
        <translation>Nicht verfügbar: %1-Modelle laufen dort nicht, wofür dieses Format ist.</translation>
    </message>
    <message>
        <source>Not available: this format has no place for what this model gives.</source>
        <translation>Nicht verfügbar: dieses Format hat keinen Platz für das, was dieses Modell gibt.</translation>
    </message>
    <message>
        <source>Not available: this needs a run with %1, and this one was trained with %2.</source>
        <translation>Nicht verfügbar: nötig ist ein Lauf mit %1, dieser wurde mit %2 trainiert.</translation>
    </message>
    <message>
        <source>Choose a folder first.</source>
        <translation>Zuerst einen Ordner wählen.</translation>
    </message>
    <message>
        <source>The folder&apos;s path must begin at the root.</source>
        <translation>Der Pfad des Ordners muss an der Wurzel beginnen.</translation>
    </message>
    <message>
        <source>There is something in this folder already: choose a new one.</source>
        <translation>In diesem Ordner liegt schon etwas: einen neuen wählen.</translation>
    </message>
    <message>
        <source>The disk of this folder cannot be asked for its free space.</source>
        <translation>Der freie Platz für diesen Ordner lässt sich nicht ermitteln.</translation>
    </message>
    <message>
        <source>%1 are needed, %2 are free there.</source>
        <translation>%1 werden gebraucht, %2 sind dort frei.</translation>
    </message>
    <message>
        <source>language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>fill in</source>
        <translation>Lückentext</translation>
    </message>
    <message>
        <source>tags words</source>
        <translation>Wort-Tags</translation>
    </message>
    <message>
        <source>writes text</source>
        <translation>schreibt Text</translation>
    </message>
    <message>
        <source>writes down speech</source>
        <translation>schreibt Gesprochenes auf</translation>
    </message>
    <message>
        <source>classifies</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>see %1</source>
        <translation>siehe %1</translation>
    </message>
    <message>
        <source>%1, trained</source>
        <translation>%1, trainiert</translation>
    </message>
    <message>
        <source>Byte-level BPE</source>
        <translation>BPE auf Bytes</translation>
    </message>
    <message>
        <source>decoder-only</source>
        <translation>nur Decoder</translation>
    </message>
    <message>
        <source>encoder</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Numerics</source>
        <translation>Numerik</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>training</source>
        <translation>trainiert</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>gestoppt</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>Lernziel</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>every %1 of the run</source>
        <translation>alle %1 des Laufs</translation>
    </message>
    <message>
        <source>every epoch</source>
        <translation>jede Epoche</translation>
    </message>
    <message>
        <source>every %1 epochs</source>
        <translation>alle %1 Epochen</translation>
    </message>
    <message>
        <source>every minute</source>
        <translation>jede Minute</translation>
    </message>
    <message>
        <source>every %1 minutes</source>
        <translation>alle %1 Minuten</translation>
    </message>
    <message>
        <source>every step</source>
        <translation>jeden Schritt</translation>
    </message>
    <message>
        <source>every %1 steps</source>
        <translation>alle %1 Schritte</translation>
    </message>
    <message>
        <source>%1 from %2 to %3</source>
        <translation>%1 von %2 auf %3</translation>
    </message>
    <message>
        <source>Base model on %1 rows: %2</source>
        <translation>Basismodell, Teil %1: %2</translation>
    </message>
    <message>
        <source>Tuned model on %1 rows: %2</source>
        <translation>Trainiertes Modell, Teil %1: %2</translation>
    </message>
    <message>
        <source>Evaluated at step %1: %2</source>
        <translation>Ausgewertet bei Schritt %1: %2</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Checkpoint at step %1</source>
        <translation>Checkpoint bei Schritt %1</translation>
    </message>
    <message>
        <source>Paused at step %1: %2</source>
        <translation>Pausiert bei Schritt %1: %2</translation>
    </message>
    <message>
        <source>Continued from the checkpoint at step %1</source>
        <translation>Fortgesetzt vom Checkpoint bei Schritt %1</translation>
    </message>
    <message>
        <source>Resumed after a pause</source>
        <translation>Nach einer Pause fortgesetzt</translation>
    </message>
    <message>
        <source>Changed at step %1: %2</source>
        <translation>Geändert bei Schritt %1: %2</translation>
    </message>
    <message>
        <source>Stopped at step %1, no checkpoint is kept</source>
        <translation>Gestoppt bei Schritt %1, kein Checkpoint bleibt</translation>
    </message>
    <message>
        <source>Stopped at step %1, the checkpoint is kept</source>
        <translation>Gestoppt bei Schritt %1, der Checkpoint bleibt</translation>
    </message>
    <message>
        <source>Interrupted at step %1: %2</source>
        <translation>Unterbrochen bei Schritt %1: %2</translation>
    </message>
    <message>
        <source>Event %1, </source>
        <translation>Ereignis %1, </translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>The model could not answer</source>
        <translation>Das Modell konnte nicht antworten</translation>
    </message>
    <message>
        <source>, rank %1</source>
        <translation>, Rang %1</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>Gradienten</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>Aktivierungen</translation>
    </message>
    <message>
        <source>%1 days %2 h</source>
        <translation>%1 Tage %2 h</translation>
    </message>
    <message>
        <source>not started</source>
        <translation>nicht begonnen</translation>
    </message>
    <message>
        <source>done</source>
        <translation>erledigt</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>serving</source>
        <translation>antwortet</translation>
    </message>
    <message>
        <source>note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>repeats</source>
        <translation>wiederholt sich</translation>
    </message>
    <message>
        <source>never ends</source>
        <translation>endet nie</translation>
    </message>
    <message>
        <source>ends correctly</source>
        <translation>endet richtig</translation>
    </message>
    <message>
        <source>Better answer</source>
        <translation>Bessere Antwort</translation>
    </message>
    <message>
        <source>Worse answer</source>
        <translation>Schlechtere Antwort</translation>
    </message>
    <message>
        <source>, reduction %1</source>
        <translation>, Verkleinerung %1</translation>
    </message>
    <message>
        <source>, %1 tokens</source>
        <translation>, %1 Tokens</translation>
    </message>
</context>
<context>
    <name>RecipeEdits</name>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>Not available: no column has the role %1. Choose it on Data.</source>
        <translation>Nicht verfügbar: keine Spalte hat die Rolle %1. Unter Daten wählen.</translation>
    </message>
</context>
<context>
    <name>TableColumn</name>
    <message>
        <source>Ignore</source>
        <translation>Ignorieren</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
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
        <source>Completion</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Words</source>
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
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Target text</source>
        <translation>Zieltext</translation>
    </message>
    <message>
        <source>split</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
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
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Better answer</source>
        <translation>Bessere Antwort</translation>
    </message>
    <message>
        <source>Worse answer</source>
        <translation>Schlechtere Antwort</translation>
    </message>
    <message>
        <source>Answer is good</source>
        <translation>Antwort ist gut</translation>
    </message>
    <message>
        <source>Weight of the row</source>
        <translation>Gewicht der Zeile</translation>
    </message>
</context>
<context>
    <name>luthier::AdvisorCard</name>
    <message>
        <source>Is fine-tuning the right tool?</source>
        <translation>Ist Fine-Tuning das richtige Werkzeug?</translation>
    </message>
    <message>
        <source>Four questions, before you spend the time.</source>
        <translation>Vier Fragen, bevor es Zeit kostet.</translation>
    </message>
    <message>
        <source>What should the model do differently?</source>
        <translation>Was soll das Modell anders machen?</translation>
    </message>
    <message>
        <source>Know new facts</source>
        <translation>Neue Fakten wissen</translation>
    </message>
    <message>
        <source>Change style or format</source>
        <translation>Stil oder Format ändern</translation>
    </message>
    <message>
        <source>Give a label</source>
        <translation>Ein Label vergeben</translation>
    </message>
    <message>
        <source>How often does the content change?</source>
        <translation>Wie oft ändert sich der Inhalt?</translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Jeden Tag</translation>
    </message>
    <message>
        <source>Every month</source>
        <translation>Jeden Monat</translation>
    </message>
    <message>
        <source>Rarely</source>
        <translation>Selten</translation>
    </message>
    <message>
        <source>How many examples do you have?</source>
        <translation>Wie viele Beispiele gibt es?</translation>
    </message>
    <message>
        <source>Fewer than 50</source>
        <translation>Weniger als 50</translation>
    </message>
    <message>
        <source>50 to 1,000</source>
        <translation>50 bis 1.000</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Must it cite its source?</source>
        <translation>Muss es seine Quelle nennen?</translation>
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
        <source>Advice</source>
        <translation>Rat</translation>
    </message>
    <message>
        <source>Why this advice</source>
        <translation>Warum dieser Rat</translation>
    </message>
    <message>
        <source>Start this project</source>
        <translation>Dieses Projekt beginnen</translation>
    </message>
    <message>
        <source>Start anyway</source>
        <translation>Trotzdem beginnen</translation>
    </message>
</context>
<context>
    <name>luthier::AmendCard</name>
    <message>
        <source>Change settings</source>
        <translation>Einstellungen ändern</translation>
    </message>
    <message>
        <source>They hold from the next step on, and in the run&apos;s own recipe.</source>
        <translation>Sie gelten ab dem nächsten Schritt und stehen im Rezept des Laufs.</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>%1 × %2 = %3 rows a step</source>
        <translation>%1 × %2 = %3 Zeilen je Schritt</translation>
    </message>
    <message>
        <source>was %1</source>
        <translation>bisher %1</translation>
    </message>
    <message>
        <source>Not available: nothing is changed yet.</source>
        <translation>Nicht verfügbar: Noch ist nichts geändert.</translation>
    </message>
</context>
<context>
    <name>luthier::ArtefactModel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Zertifikat</translation>
    </message>
</context>
<context>
    <name>luthier::CertificateView</name>
    <message>
        <source>Export certificate</source>
        <translation>Exportzertifikat</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>The certificate lies beside the file as proof.json.</source>
        <translation>Das Zertifikat liegt als proof.json neben der Datei.</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Als Text kopieren</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Export again</source>
        <translation>Erneut exportieren</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>The folder is no longer there.</source>
        <translation>Der Ordner ist nicht mehr vorhanden.</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Maß</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>What it means</source>
        <translation>Bedeutung</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>It is being checked.</source>
        <translation>Die Prüfung läuft.</translation>
    </message>
</context>
<context>
    <name>luthier::ChartTable</name>
    <message>
        <source>Values of the chart %1</source>
        <translation>Werte des Diagramms %1</translation>
    </message>
</context>
<context>
    <name>luthier::ChartTableModel</name>
    <message>
        <source>Line</source>
        <translation>Linie</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Smoothed</source>
        <translation>Geglättet</translation>
    </message>
</context>
<context>
    <name>luthier::CheckList</name>
    <message>
        <source>Checks</source>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>Show problems only</source>
        <translation>Nur Probleme zeigen</translation>
    </message>
    <message>
        <source>No problems.</source>
        <translation>Keine Probleme.</translation>
    </message>
    <message>
        <source>%1 pass</source>
        <translation>%1 bestanden</translation>
    </message>
    <message>
        <source>%1 warn</source>
        <translation>%1 warnen</translation>
    </message>
    <message>
        <source>%1 block</source>
        <translation>%1 sperren</translation>
    </message>
    <message>
        <source>Other ways to put it right</source>
        <translation>Andere Wege, es zu beheben</translation>
    </message>
</context>
<context>
    <name>luthier::ClassifyView</name>
    <message>
        <source>Text to classify</source>
        <translation>Text zum Klassifizieren</translation>
    </message>
    <message>
        <source>Write or paste a text. The models answer while you type.</source>
        <translation>Text schreiben oder einfügen. Die Modelle antworten beim Tippen.</translation>
    </message>
    <message>
        <source>Random test row</source>
        <translation>Zufällige Testzeile</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Trainiert</translation>
    </message>
    <message>
        <source>Tried in this session</source>
        <translation>In dieser Sitzung ausprobiert</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>Sicherheit</translation>
    </message>
    <message>
        <source>%1 tokens%2, answered in %3 ms</source>
        <translation>%1 Tokens%2, Antwort in %3 ms</translation>
    </message>
    <message>
        <source>, cut</source>
        <translation>, gekürzt</translation>
    </message>
    <message>
        <source>No row could be read</source>
        <translation>Keine Zeile konnte gelesen werden</translation>
    </message>
</context>
<context>
    <name>luthier::CliJob</name>
    <message>
        <source>%1 could not be started: %2</source>
        <translation>%1 ließ sich nicht starten: %2</translation>
    </message>
    <message>
        <source>Install Luthier again; luthier-cli belongs beside the window&apos;s program.</source>
        <translation>Luthier neu installieren; luthier-cli gehört neben das Programm des Fensters.</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>luthier-cli ended unexpectedly.</source>
        <translation>luthier-cli hat unerwartet geendet.</translation>
    </message>
</context>
<context>
    <name>luthier::CommandPalette</name>
    <message>
        <source>Find anything</source>
        <translation>Alles finden</translation>
    </message>
    <message>
        <source>Find an action, a page or a setting</source>
        <translation>Aktion, Seite oder Einstellung finden</translation>
    </message>
</context>
<context>
    <name>luthier::CompleteView</name>
    <message>
        <source>Base</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Trainiert</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Ask both models. Enter sends, Shift+Enter breaks the line.</source>
        <translation>Beide Modelle fragen. Eingabe sendet, Umschalt+Eingabe bricht die Zeile um.</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Send to both</source>
        <translation>An beide senden</translation>
    </message>
    <message>
        <source>Generation</source>
        <translation>Texterzeugung</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>Not available: beams look for the likeliest answer.</source>
        <translation>Nicht verfügbar: Strahlen suchen die wahrscheinlichste Antwort.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 always takes the most likely token; higher is more varied.</source>
        <translation>0 nimmt stets das wahrscheinlichste Token; höher gibt mehr Vielfalt.</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Draws from the fewest tokens that together have this share.</source>
        <translation>Zieht aus den wenigsten Tokens, die zusammen diesen Anteil haben.</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Draws from so many of the likeliest tokens.</source>
        <translation>Zieht aus so vielen der wahrscheinlichsten Token.</translation>
    </message>
    <message>
        <source>Min p</source>
        <translation>Min p</translation>
    </message>
    <message>
        <source>Draws from tokens that are at least this share as likely as the likeliest.</source>
        <translation>Zieht aus Token, die mindestens diesen Anteil der Wahrscheinlichkeit des wahrscheinlichsten haben.</translation>
    </message>
    <message>
        <source>Beams</source>
        <translation>Strahlen</translation>
    </message>
    <message>
        <source>Above 1: follows so many answers at once and takes the likeliest.</source>
        <translation>Über 1: verfolgt so viele Antworten zugleich und nimmt die wahrscheinlichste.</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>Tokens.</source>
        <translation>Tokens.</translation>
    </message>
    <message>
        <source>Stop at</source>
        <translation>Ende vor</translation>
    </message>
    <message>
        <source>The answer ends before this text.</source>
        <translation>Die Antwort endet vor diesem Text.</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsstrafe</translation>
    </message>
    <message>
        <source>Above 1: less of what was there already.</source>
        <translation>Über 1: weniger von dem, was schon da war.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same seed gives the same answer.</source>
        <translation>Gleicher Startwert, gleiche Antwort.</translation>
    </message>
    <message>
        <source>Sent to the model</source>
        <translation>Ans Modell gesendet</translation>
    </message>
    <message>
        <source>Form of the prompt</source>
        <translation>Form der Eingabe</translation>
    </message>
    <message>
        <source>{prompt} stands for what you write. Keep it as in the training data.</source>
        <translation>{prompt} steht für den geschriebenen Text. Beibehalten wie in den Trainingsdaten.</translation>
    </message>
    <message>
        <source>A model answers best to prompts in the form that it was trained on.</source>
        <translation>Ein Modell antwortet am besten auf Eingaben in der Form, mit der es trainiert wurde.</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stoppen</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>schreibt</translation>
    </message>
    <message>
        <source>ended by itself</source>
        <translation>von selbst beendet</translation>
    </message>
    <message>
        <source>stopped at limit</source>
        <translation>an der Grenze gestoppt</translation>
    </message>
    <message>
        <source>%1 tokens  %2 tok/s  %3 s</source>
        <translation>%1 Tokens  %2 Tok/s  %3 s</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>gestoppt</translation>
    </message>
</context>
<context>
    <name>luthier::DataPage</name>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>The file was not opened</source>
        <translation>Die Datei wurde nicht geöffnet</translation>
    </message>
    <message>
        <source>Reading it was stopped. The project still names it.</source>
        <translation>Das Lesen wurde abgebrochen. Das Projekt nennt sie noch.</translation>
    </message>
    <message>
        <source>The data cannot be read</source>
        <translation>Die Daten sind nicht lesbar</translation>
    </message>
    <message>
        <source>%1 rows longer</source>
        <translation>%1 Zeilen länger</translation>
    </message>
    <message>
        <source>Longest row</source>
        <translation>Längste Zeile</translation>
    </message>
    <message>
        <source>Keep label shares</source>
        <translation>Label-Anteile wahren</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>No data chosen</source>
        <translation>Keine Daten gewählt</translation>
    </message>
    <message>
        <source>folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Choose a file or a folder, or drop it here: CSV, TSV, JSON, JSON lines, Parquet, plain text; images and recordings.</source>
        <translation>Wählen Sie eine Datei oder einen Ordner, oder legen Sie sie hier ab: CSV, TSV, JSON, JSON-Zeilen, Parquet, reiner Text; Bilder und Aufnahmen.</translation>
    </message>
    <message>
        <source>Opening %1</source>
        <translation>%1 wird geöffnet</translation>
    </message>
    <message>
        <source>Looking at the columns</source>
        <translation>Spalten werden untersucht</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>Replace file</source>
        <translation>Datei ersetzen</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>Not available: no project is open</source>
        <translation>Nicht verfügbar: kein Projekt ist geöffnet</translation>
    </message>
    <message>
        <source>Not available: choose a data file first</source>
        <translation>Nicht verfügbar: zuerst eine Datendatei wählen</translation>
    </message>
    <message>
        <source>Not available: the file is being opened</source>
        <translation>Nicht verfügbar: die Datei wird gerade geöffnet</translation>
    </message>
    <message>
        <source>Not available: the file cannot be read</source>
        <translation>Nicht verfügbar: die Datei ist nicht lesbar</translation>
    </message>
    <message>
        <source>Not available: no column is %1 yet. Click below a column&apos;s name.</source>
        <translation>Nicht verfügbar: noch keine Spalte ist %1. Unter einen Spaltennamen klicken.</translation>
    </message>
    <message>
        <source> or </source>
        <translation> oder </translation>
    </message>
    <message>
        <source>Not available: %1</source>
        <translation>Nicht verfügbar: %1</translation>
    </message>
    <message>
        <source>Choose a data file</source>
        <translation>Datendatei wählen</translation>
    </message>
    <message>
        <source>Choose the validation file</source>
        <translation>Validierungsdatei wählen</translation>
    </message>
    <message>
        <source>Choose the test file</source>
        <translation>Testdatei wählen</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Choose a folder of images or recordings</source>
        <translation>Ordner mit Bildern oder Aufnahmen wählen</translation>
    </message>
    <message>
        <source>%1 (needed)</source>
        <translation>%1 (nötig)</translation>
    </message>
    <message>
        <source>Ignore (plays its role by its name)</source>
        <translation>Ignorieren (der Name bestimmt die Rolle)</translation>
    </message>
    <message>
        <source>Open in the microscope</source>
        <translation>Im Mikroskop öffnen</translation>
    </message>
    <message>
        <source>Show rows with this value</source>
        <translation>Zeilen mit diesem Wert zeigen</translation>
    </message>
    <message>
        <source>Copy the cell</source>
        <translation>Zelle kopieren</translation>
    </message>
    <message>
        <source>Copy the row</source>
        <translation>Zeile kopieren</translation>
    </message>
    <message>
        <source>Role of this column</source>
        <translation>Rolle dieser Spalte</translation>
    </message>
    <message>
        <source>Reading the row</source>
        <translation>Zeile wird gelesen</translation>
    </message>
    <message>
        <source>Continue to Model</source>
        <translation>Weiter zum Modell</translation>
    </message>
    <message>
        <source>Choose the data file</source>
        <translation>Datendatei wählen</translation>
    </message>
    <message>
        <source>Filter the rows</source>
        <translation>Zeilen filtern</translation>
    </message>
    <message>
        <source>Show flagged rows only</source>
        <translation>Nur markierte Zeilen zeigen</translation>
    </message>
    <message>
        <source>Suggest what the columns are</source>
        <translation>Bedeutung der Spalten vorschlagen</translation>
    </message>
    <message>
        <source>How the data file is read</source>
        <translation>Wie die Datendatei gelesen wird</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Progress of reading the file</source>
        <translation>Fortschritt beim Lesen der Datei</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation>Andere Datei wählen</translation>
    </message>
    <message>
        <source>Read it differently</source>
        <translation>Anders lesen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Suggest columns</source>
        <translation>Spalten vorschlagen</translation>
    </message>
    <message>
        <source>How the rows are shown</source>
        <translation>Wie die Zeilen gezeigt werden</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>Tokens per row</source>
        <translation>Tokens je Zeile</translation>
    </message>
    <message numerus="yes">
        <source>%n values</source>
        <translation>
            <numerusform>%n Wert</numerusform>
            <numerusform>%n Werte</numerusform>
        </translation>
    </message>
    <message>
        <source>median %1, max %2</source>
        <translation>Median %1, max. %2</translation>
    </message>
    <message>
        <source>Not available: the rows are looked through first</source>
        <translation>Nicht verfügbar: erst werden die Zeilen durchgesehen</translation>
    </message>
    <message>
        <source>Training needs to know which column is %1. Click below a column&apos;s name to choose.</source>
        <translation>Das Training muss wissen, welche Spalte %1 ist. Zum Wählen unter einen Spaltennamen klicken.</translation>
    </message>
    <message>
        <source> and which is </source>
        <translation> und welche </translation>
    </message>
    <message>
        <source>Training cannot start: %1.</source>
        <translation>Training kann nicht starten: %1.</translation>
    </message>
</context>
<context>
    <name>luthier::DataTable</name>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>Validierung</translation>
    </message>
    <message>
        <source>%1 rows, %2 columns. Enter opens the token microscope, Alt and Down a column&apos;s role.</source>
        <translation>%1 Zeilen, %2 Spalten. Eingabe öffnet das Token-Mikroskop, Alt und Ab die Rolle einer Spalte.</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>duplicate</source>
        <translation>Duplikat</translation>
    </message>
    <message>
        <source>in train</source>
        <translation>im Training</translation>
    </message>
    <message>
        <source>two labels</source>
        <translation>zwei Labels</translation>
    </message>
    <message>
        <source>too long</source>
        <translation>zu lang</translation>
    </message>
    <message>
        <source>train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>test</source>
        <translation>Test</translation>
    </message>
    <message>
        <source>Row %1</source>
        <translation>Zeile %1</translation>
    </message>
    <message>
        <source>row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>%1: what this column is to the model</source>
        <translation>%1: was diese Spalte für das Modell ist</translation>
    </message>
    <message>
        <source>Found out by Luthier, not in the file</source>
        <translation>Von Luthier ermittelt, nicht in der Datei</translation>
    </message>
</context>
<context>
    <name>luthier::Document</name>
    <message>
        <source>The recipe could not be saved</source>
        <translation>Das Rezept wurde nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>luthier::DoubleProgress</name>
    <message>
        <source>Epoch %1 percent, run %2 percent</source>
        <translation>Epoche %1 Prozent, Lauf %2 Prozent</translation>
    </message>
</context>
<context>
    <name>luthier::DropZone</name>
    <message>
        <source>Drop a file or a folder here</source>
        <translation>Datei oder Ordner hier ablegen</translation>
    </message>
    <message>
        <source>CSV, TSV, JSON, JSON Lines, Parquet, CoNLL or plain text, also gzip; or the folder of a project.</source>
        <translation>CSV, TSV, JSON, JSON-Zeilen, Parquet, CoNLL oder reiner Text, auch gzip; oder der Ordner eines Projekts.</translation>
    </message>
    <message>
        <source>Files are read in place. Nothing leaves this computer.</source>
        <translation>Dateien werden gelesen, wo sie liegen. Nichts verlässt diesen Rechner.</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Reading %1</source>
        <translation>%1 wird gelesen</translation>
    </message>
    <message>
        <source>Not available: %1 is being read.</source>
        <translation>Nicht verfügbar: %1 wird gerade gelesen.</translation>
    </message>
</context>
<context>
    <name>luthier::ErrorCard</name>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Do</source>
        <translation>Abhilfe</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Details kopieren</translation>
    </message>
    <message>
        <source>Open log</source>
        <translation>Protokoll öffnen</translation>
    </message>
</context>
<context>
    <name>luthier::EvaluationPanel</name>
    <message>
        <source>Evaluation</source>
        <translation>Auswertung</translation>
    </message>
    <message>
        <source>The first evaluation shows here what the base model and the model in training can do.</source>
        <translation>Die erste Auswertung zeigt hier, was Basismodell und trainiertes Modell können.</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Trainiert</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>Both on the %1 rows.</source>
        <translation>Beide auf dem Teil %1.</translation>
    </message>
    <message>
        <source>Base on the %1 rows, now on the validation rows.</source>
        <translation>Basis auf dem Teil %1, jetzt auf den Validierungszeilen.</translation>
    </message>
    <message>
        <source>Watched</source>
        <translation>Beobachtet</translation>
    </message>
    <message>
        <source>Best at step</source>
        <translation>Bester Schritt</translation>
    </message>
    <message>
        <source>Rows a second</source>
        <translation>Zeilen je Sekunde</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Exported</source>
        <translation>Exportiert</translation>
    </message>
    <message>
        <source>, proven</source>
        <translation>, geprüft</translation>
    </message>
    <message>
        <source>, not proven</source>
        <translation>, ungeprüft</translation>
    </message>
</context>
<context>
    <name>luthier::EventList</name>
    <message>
        <source>Events of the run</source>
        <translation>Ereignisse des Laufs</translation>
    </message>
</context>
<context>
    <name>luthier::ExportDialog</name>
    <message>
        <source>Export a file</source>
        <translation>Datei exportieren</translation>
    </message>
    <message>
        <source>The adapter keeps its numbers as they were trained: there is nothing to choose.</source>
        <translation>Der Adapter behält seine Zahlen, wie sie trainiert wurden: es gibt nichts zu wählen.</translation>
    </message>
    <message>
        <source>Proof after writing</source>
        <translation>Nachweis nach dem Schreiben</translation>
    </message>
    <message>
        <source>Another process loads the file from the disk and compares it with the model in memory, on held-out rows.</source>
        <translation>Ein anderer Prozess lädt die Datei und vergleicht sie mit dem Modell im Speicher, auf zurückgehaltenen Zeilen.</translation>
    </message>
    <message>
        <source>Largest difference of logits</source>
        <translation>Größte Abweichung der Logits</translation>
    </message>
    <message>
        <source>Same label or next token</source>
        <translation>Gleiches Label oder nächstes Token</translation>
    </message>
    <message>
        <source>Every tensor on the disk</source>
        <translation>Jeder Tensor auf dem Datenträger</translation>
    </message>
    <message>
        <source>Size and time for a row</source>
        <translation>Größe und Zeit je Zeile</translation>
    </message>
    <message>
        <source>Ctrl+Enter exports</source>
        <translation>Strg+Eingabe exportiert</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder that is made</source>
        <translation>Ordner, der angelegt wird</translation>
    </message>
    <message>
        <source>Choose where the folder is made</source>
        <translation>Ort für den Ordner wählen</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Options: %1</source>
        <translation>Optionen: %1</translation>
    </message>
    <message>
        <source>Sizes of exports</source>
        <translation>Größen der Exporte</translation>
    </message>
    <message>
        <source>%1 free on this disk</source>
        <translation>%1 frei auf diesem Datenträger</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
</context>
<context>
    <name>luthier::ExportPage</name>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Export a file</source>
        <translation>Datei exportieren</translation>
    </message>
    <message>
        <source>Nothing to export yet</source>
        <translation>Noch nichts zu exportieren</translation>
    </message>
    <message>
        <source>A run that has written a checkpoint can be exported here, with a proof that the file computes what the model computes.</source>
        <translation>Ein Lauf mit Checkpoint kann hier exportiert werden, mit dem Nachweis, dass die Datei dasselbe berechnet wie das Modell.</translation>
    </message>
    <message>
        <source>Go to Train</source>
        <translation>Zum Training</translation>
    </message>
    <message>
        <source>This run was not exported yet</source>
        <translation>Dieser Lauf wurde noch nicht exportiert</translation>
    </message>
    <message>
        <source>Choose a format: the file is written, loaded again by another process and compared with the model.</source>
        <translation>Format wählen: die Datei wird geschrieben, von einem anderen Prozess geladen und mit dem Modell verglichen.</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>Fortschritt des Exports</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Exported files</source>
        <translation>Exportierte Dateien</translation>
    </message>
    <message>
        <source>Show certificate</source>
        <translation>Zertifikat zeigen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>The run cannot be exported</source>
        <translation>Der Lauf ist nicht exportierbar</translation>
    </message>
    <message>
        <source>Export: %1</source>
        <translation>Export: %1</translation>
    </message>
    <message>
        <source>Exporting: %1</source>
        <translation>Wird exportiert: %1</translation>
    </message>
    <message>
        <source>Check of an export</source>
        <translation>Prüfung eines Exports</translation>
    </message>
    <message>
        <source>Checking an export</source>
        <translation>Export wird geprüft</translation>
    </message>
    <message>
        <source>The export was not finished</source>
        <translation>Der Export wurde nicht fertig</translation>
    </message>
    <message>
        <source>The run&apos;s exports cannot be listed</source>
        <translation>Die Exporte des Laufs sind nicht auflistbar</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>An export is being written.</source>
        <translation>Ein Export wird geschrieben.</translation>
    </message>
    <message>
        <source>The run has no checkpoint yet.</source>
        <translation>Der Lauf hat noch keinen Checkpoint.</translation>
    </message>
    <message>
        <source>Choose a row first.</source>
        <translation>Zuerst eine Zeile wählen.</translation>
    </message>
    <message>
        <source>It is no longer there.</source>
        <translation>Nicht mehr vorhanden.</translation>
    </message>
</context>
<context>
    <name>luthier::FilterBar</name>
    <message>
        <source>Filter the rows</source>
        <translation>Zeilen filtern</translation>
    </message>
    <message>
        <source>Search, or where tokens &gt; 30 and label = &apos;positive&apos;</source>
        <translation>Suchen, oder where tokens &gt; 30 and label = &apos;positive&apos;</translation>
    </message>
    <message>
        <source>Words are searched for in every column. A condition begins with where and may use the columns, row, tokens, split, duplicate, leaked, empty, unusable, too_long and conflicting.</source>
        <translation>Wörter werden in jeder Spalte gesucht. Eine Bedingung beginnt mit where; möglich sind die Spalten sowie row, tokens, split, duplicate, leaked, empty, unusable, too_long und conflicting.</translation>
    </message>
    <message>
        <source>Flagged only</source>
        <translation>Nur markierte</translation>
    </message>
    <message>
        <source>How the file is read</source>
        <translation>Wie die Datei gelesen wird</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>searching</source>
        <translation>sucht</translation>
    </message>
    <message>
        <source>At character %1: %2</source>
        <translation>Bei Zeichen %1: %2</translation>
    </message>
    <message>
        <source>Rows that something is the matter with: repeated, leaked, empty, cut</source>
        <translation>Zeilen mit Auffälligkeiten: doppelt, durchgesickert, leer, gekürzt</translation>
    </message>
</context>
<context>
    <name>luthier::FindingDetails</name>
    <message>
        <source>and %1 more</source>
        <translation>und %1 weitere</translation>
    </message>
    <message>
        <source>Lines of the file</source>
        <translation>Zeilen der Datei</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Fix</source>
        <translation>Beheben</translation>
    </message>
    <message>
        <source>Show the rows</source>
        <translation>Zeilen zeigen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>luthier::FindingsStrip</name>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>wird gelesen</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>noch unbekannt</translation>
    </message>
    <message>
        <source>The data is being read</source>
        <translation>Die Daten werden gelesen</translation>
    </message>
    <message>
        <source>Nothing was looked for yet</source>
        <translation>Noch nichts geprüft</translation>
    </message>
    <message>
        <source>Repeated, leaked, empty and cut rows are found then</source>
        <translation>Doppelte, durchgesickerte, leere und gekürzte Zeilen werden dann gefunden</translation>
    </message>
    <message>
        <source>reading again</source>
        <translation>wird neu gelesen</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n gefunden</numerusform>
            <numerusform>%n gefunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>No repeated, leaked, empty or cut rows</source>
        <translation>Keine doppelten, durchgesickerten, leeren oder gekürzten Zeilen</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodierung</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Fix</source>
        <translation>Beheben</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weiterer</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>luthier::HomePage</name>
    <message>
        <source>Home</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start with your data</source>
        <translation>Mit den eigenen Daten beginnen</translation>
    </message>
    <message>
        <source>Luthier reads the file, suggests what each column is, and checks that the run fits this computer before it starts.</source>
        <translation>Luthier liest die Datei, schlägt die Bedeutung jeder Spalte vor und prüft vor dem Start, ob der Lauf auf diesen Rechner passt.</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Starter projects</source>
        <translation>Startprojekte</translation>
    </message>
    <message>
        <source>Bundled, no download.</source>
        <translation>Mitgeliefert, kein Download.</translation>
    </message>
    <message>
        <source>Open a data file</source>
        <translation>Datendatei öffnen</translation>
    </message>
    <message>
        <source>Open a folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Choose a data file</source>
        <translation>Datendatei wählen</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Nothing was opened</source>
        <translation>Nichts wurde geöffnet</translation>
    </message>
    <message>
        <source>%1 files or folders were dropped at once.</source>
        <translation>%1 Dateien oder Ordner wurden zugleich abgelegt.</translation>
    </message>
    <message>
        <source>A project trains on one file; validation and test files are added to it on the page Data.</source>
        <translation>Ein Projekt trainiert auf einer Datei; Validierungs- und Testdateien kommen auf der Seite Daten dazu.</translation>
    </message>
    <message>
        <source>Drop the file to train on.</source>
        <translation>Die Datei zum Trainieren ablegen.</translation>
    </message>
    <message>
        <source>%1 was not opened</source>
        <translation>%1 wurde nicht geöffnet</translation>
    </message>
    <message>
        <source>Reading the projects</source>
        <translation>Projekte werden gelesen</translation>
    </message>
    <message>
        <source>The starter was not opened</source>
        <translation>Das Startprojekt wurde nicht geöffnet</translation>
    </message>
    <message>
        <source>Method: %1</source>
        <translation>Methode: %1</translation>
    </message>
</context>
<context>
    <name>luthier::HowOftenEditor</name>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>Minuten</translation>
    </message>
    <message>
        <source>of the run</source>
        <translation>des Laufs</translation>
    </message>
    <message>
        <source>unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>%1 is a number from 0 on; 0 is never.</source>
        <translation>%1 ist eine Zahl ab 0; 0 heißt nie.</translation>
    </message>
    <message>
        <source>A share of the run is 0 to 1.</source>
        <translation>Ein Anteil des Laufs liegt zwischen 0 und 1.</translation>
    </message>
</context>
<context>
    <name>luthier::HubBrowser</name>
    <message>
        <source>Not available: HF_HUB_OFFLINE forbids this program to use the network.</source>
        <translation>Nicht verfügbar: HF_HUB_OFFLINE verbietet diesem Programm das Netz.</translation>
    </message>
    <message>
        <source>Search the hub</source>
        <translation>Im Hub suchen</translation>
    </message>
    <message>
        <source>Words, or ORG/NAME</source>
        <translation>Wörter oder ORG/NAME</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Models of the Hugging Face hub</source>
        <translation>Modelle des Hugging-Face-Hubs</translation>
    </message>
    <message>
        <source>What is fetched lies in Hugging Face&apos;s own cache, where other programs find it too.</source>
        <translation>Geladenes liegt in Hugging Faces eigenem Cache, wo auch andere Programme es finden.</translation>
    </message>
    <message>
        <source>Models of the hub</source>
        <translation>Modelle des Hubs</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Searching the hub</source>
        <translation>Suche im Hub</translation>
    </message>
    <message>
        <source>Searching ...</source>
        <translation>Suche …</translation>
    </message>
    <message>
        <source>%1 downloads</source>
        <translation>%1-mal geladen</translation>
    </message>
    <message>
        <source>terms to agree to</source>
        <translation>Bedingungen zuzustimmen</translation>
    </message>
    <message>
        <source>The %1 most downloaded</source>
        <translation>Die %1 meistgeladenen</translation>
    </message>
    <message numerus="yes">
        <source>%n models</source>
        <translation>
            <numerusform>%n Modell</numerusform>
            <numerusform>%n Modelle</numerusform>
        </translation>
    </message>
    <message>
        <source>The hub finds no such model</source>
        <translation>Der Hub findet kein solches Modell</translation>
    </message>
    <message>
        <source>Try fewer or other words.</source>
        <translation>Mit weniger oder anderen Wörtern versuchen.</translation>
    </message>
    <message>
        <source>Fetching %1</source>
        <translation>%1 wird geladen</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Stopped: what has come is kept</source>
        <translation>Angehalten: Geladenes bleibt erhalten</translation>
    </message>
    <message>
        <source>%1 is in the cache</source>
        <translation>%1 liegt im Cache</translation>
    </message>
    <message>
        <source>Asking the hub ...</source>
        <translation>Frage den Hub …</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Stop fetching %1</source>
        <translation>Laden von %1 anhalten</translation>
    </message>
    <message>
        <source>Not available: choose a model, or write its whole name, ORG/NAME.</source>
        <translation>Nicht verfügbar: ein Modell wählen oder den ganzen Namen schreiben, ORG/NAME.</translation>
    </message>
</context>
<context>
    <name>luthier::ImageGrid</name>
    <message>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Row %1</source>
        <translation>Zeile %1</translation>
    </message>
</context>
<context>
    <name>luthier::KeyList</name>
    <message>
        <source>Ctrl</source>
        <translation>Strg</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Umschalt</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Find an action or setting</source>
        <translation>Aktion oder Einstellung finden</translation>
    </message>
    <message>
        <source>Pages in the order of the rail</source>
        <translation>Seiten in der Reihenfolge der Leiste</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show or hide the run card</source>
        <translation>Laufkarte zeigen oder verbergen</translation>
    </message>
    <message>
        <source>Open data</source>
        <translation>Daten öffnen</translation>
    </message>
    <message>
        <source>Save the recipe</source>
        <translation>Rezept speichern</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Main action of the page or dialog</source>
        <translation>Hauptaktion der Seite oder des Dialogs</translation>
    </message>
    <message>
        <source>Run preflight</source>
        <translation>Vorprüfung starten</translation>
    </message>
    <message>
        <source>Pause or resume the run</source>
        <translation>Lauf pausieren oder fortsetzen</translation>
    </message>
    <message>
        <source>Stop the run</source>
        <translation>Lauf stoppen</translation>
    </message>
    <message>
        <source>Checkpoint now</source>
        <translation>Jetzt Checkpoint schreiben</translation>
    </message>
    <message>
        <source>Search or filter</source>
        <translation>Suchen oder filtern</translation>
    </message>
    <message>
        <source>Clear the filter or close the drawer</source>
        <translation>Filter leeren oder Schublade schließen</translation>
    </message>
    <message>
        <source>Next and previous row</source>
        <translation>Nächste und vorige Zeile</translation>
    </message>
    <message>
        <source>Open the microscope on a row</source>
        <translation>Zeile im Mikroskop öffnen</translation>
    </message>
    <message>
        <source>Tick a row</source>
        <translation>Zeile ankreuzen</translation>
    </message>
    <message>
        <source>Copy cell, row or chart</source>
        <translation>Zelle, Zeile oder Diagramm kopieren</translation>
    </message>
    <message>
        <source>Chart: logarithmic scale</source>
        <translation>Diagramm: logarithmische Skala</translation>
    </message>
    <message>
        <source>Chart: less and more smoothing</source>
        <translation>Diagramm: weniger und mehr Glättung</translation>
    </message>
    <message>
        <source>[ and ]</source>
        <translation>[ und ]</translation>
    </message>
    <message>
        <source>Chart: move the crosshair; with Shift by 10</source>
        <translation>Diagramm: Fadenkreuz bewegen; mit Umschalt um 10</translation>
    </message>
    <message>
        <source>Help of the focused field</source>
        <translation>Hilfe zum aktiven Feld</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Textgröße</translation>
    </message>
</context>
<context>
    <name>luthier::LabelBars</name>
    <message>
        <source>Rows of each label</source>
        <translation>Zeilen je Label</translation>
    </message>
    <message>
        <source>Show the rows of %1</source>
        <translation>Zeilen von %1 zeigen</translation>
    </message>
</context>
<context>
    <name>luthier::LengthBars</name>
    <message>
        <source>Tokens per row</source>
        <translation>Tokens je Zeile</translation>
    </message>
    <message>
        <source>median %1, longest %2, limit %3: %4 rows are longer</source>
        <translation>Median %1, längste %2, Grenze %3: %4 Zeilen sind länger</translation>
    </message>
    <message>
        <source>limit %1</source>
        <translation>Grenze %1</translation>
    </message>
    <message>
        <source>Rows longer than this are cut: drag to change</source>
        <translation>Längere Zeilen werden gekürzt: zum Ändern ziehen</translation>
    </message>
    <message>
        <source>%1 rows have more than %2 tokens</source>
        <translation>%1 Zeilen haben mehr als %2 Tokens</translation>
    </message>
</context>
<context>
    <name>luthier::LogView</name>
    <message>
        <source>Search the log</source>
        <translation>Protokoll durchsuchen</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Voriger Treffer</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Nächster Treffer</translation>
    </message>
    <message>
        <source>Log of the run</source>
        <translation>Protokoll des Laufs</translation>
    </message>
    <message>
        <source>The log is empty.</source>
        <translation>Das Protokoll ist leer.</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Nicht gefunden</translation>
    </message>
    <message>
        <source>%1 or more</source>
        <translation>%1 oder mehr</translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n gefunden</numerusform>
            <numerusform>%n gefunden</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>luthier::MainWindow</name>
    <message>
        <source>Luthier</source>
        <translation>Luthier</translation>
    </message>
    <message>
        <source>Open a project</source>
        <translation>Projekt öffnen</translation>
    </message>
    <message>
        <source>This could not be opened</source>
        <translation>Das konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>Open another file, or put this one right and open it again.</source>
        <translation>Eine andere Datei öffnen, oder diese berichtigen und noch einmal öffnen.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Preflight</source>
        <translation>Vorprüfung</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Go to %1</source>
        <translation>Gehe zu: %1</translation>
    </message>
    <message>
        <source>Go to Runs</source>
        <translation>Gehe zu: Läufe</translation>
    </message>
    <message>
        <source>Go to Settings</source>
        <translation>Gehe zu: Einstellungen</translation>
    </message>
    <message>
        <source>Go to Home</source>
        <translation>Gehe zu: Start</translation>
    </message>
    <message>
        <source>Find an action or setting</source>
        <translation>Aktion oder Einstellung finden</translation>
    </message>
    <message>
        <source>Show or hide the run card</source>
        <translation>Laufkarte zeigen oder verbergen</translation>
    </message>
    <message>
        <source>Open data</source>
        <translation>Daten öffnen</translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation>Rezept speichern</translation>
    </message>
    <message>
        <source>The recipe could not be saved</source>
        <translation>Das Rezept wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Do the page&apos;s main action</source>
        <translation>Hauptaktion der Seite ausführen</translation>
    </message>
    <message>
        <source>Pause or resume the run</source>
        <translation>Lauf pausieren oder fortsetzen</translation>
    </message>
    <message>
        <source>Checkpoint now</source>
        <translation>Jetzt Checkpoint schreiben</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>Größerer Text</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>Kleinerer Text</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>Helles Design</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>Dunkles Design</translation>
    </message>
    <message>
        <source>Theme of the desktop</source>
        <translation>Design des Systems</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>Projekt</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
</context>
<context>
    <name>luthier::MediaView</name>
    <message>
        <source>Row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>Previous row</source>
        <translation>Vorige Zeile</translation>
    </message>
    <message>
        <source>Next row</source>
        <translation>Nächste Zeile</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>The image</source>
        <translation>Das Bild</translation>
    </message>
    <message>
        <source>What the model sees</source>
        <translation>Was das Modell sieht</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>In der Datei</translation>
    </message>
    <message>
        <source>As the model sees it</source>
        <translation>Wie das Modell es sieht</translation>
    </message>
    <message>
        <source>As training varies it</source>
        <translation>Wie das Training es abwandelt</translation>
    </message>
    <message>
        <source>Draw again</source>
        <translation>Neu ziehen</translation>
    </message>
    <message>
        <source>Variation %1</source>
        <translation>Abwandlung %1</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Reading the file</source>
        <translation>Datei wird gelesen</translation>
    </message>
    <message>
        <source>row %1</source>
        <translation>Zeile %1</translation>
    </message>
    <message>
        <source>This file cannot be used</source>
        <translation>Diese Datei kann nicht verwendet werden</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Training hears the first %1 seconds only.</source>
        <translation>Das Training hört nur die ersten %1 Sekunden.</translation>
    </message>
</context>
<context>
    <name>luthier::MemoryComparison</name>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>Schätzung</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>%1: %2. %3</source>
        <translation>%1: %2. %3</translation>
    </message>
    <message>
        <source>scale 0 to %1, %2 available</source>
        <translation>Skala 0 bis %1, %2 verfügbar</translation>
    </message>
    <message>
        <source>estimate off by %1</source>
        <translation>Schätzung weicht um %1 ab</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
</context>
<context>
    <name>luthier::MemoryLegend</name>
    <message>
        <source>bar 0 to %1</source>
        <translation>Balken 0 bis %1</translation>
    </message>
    <message>
        <source>Memory bars: %1. %2</source>
        <translation>Speicherbalken: %1. %2</translation>
    </message>
</context>
<context>
    <name>luthier::MethodCard</name>
    <message>
        <source>recommended</source>
        <translation>empfohlen</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>Memory %1</source>
        <translation>Speicher %1</translation>
    </message>
    <message>
        <source>trains %1, %2 parameters, %3</source>
        <translation>trainiert %1, %2 Parameter, %3</translation>
    </message>
    <message>
        <source>not available</source>
        <translation>nicht verfügbar</translation>
    </message>
</context>
<context>
    <name>luthier::MethodPage</name>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Load recipe</source>
        <translation>Rezept laden</translation>
    </message>
    <message>
        <source>Continue to Preflight</source>
        <translation>Weiter zur Vorprüfung</translation>
    </message>
    <message>
        <source>No project is open</source>
        <translation>Kein Projekt geöffnet</translation>
    </message>
    <message>
        <source>The objective, the method and their options are chosen here.</source>
        <translation>Hier werden Lernziel, Verfahren und deren Optionen gewählt.</translation>
    </message>
    <message>
        <source>Go to Home</source>
        <translation>Gehe zu: Start</translation>
    </message>
    <message>
        <source>Not available: open a project first.</source>
        <translation>Nicht verfügbar: zuerst ein Projekt öffnen.</translation>
    </message>
    <message>
        <source>Objective: %1</source>
        <translation>Lernziel: %1</translation>
    </message>
    <message>
        <source>Method: %1</source>
        <translation>Verfahren: %1</translation>
    </message>
    <message numerus="yes">
        <source>Compare %n methods</source>
        <translation>
            <numerusform>%n Methode vergleichen</numerusform>
            <numerusform>%n Methoden vergleichen</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, on %2 rows</source>
        <translation>%1, mit %2 Zeilen</translation>
    </message>
    <message>
        <source>Not available: data and model come first.</source>
        <translation>Nicht verfügbar: Zuerst kommen Daten und Modell.</translation>
    </message>
    <message>
        <source>Not available: there are not two methods that can be used with this recipe.</source>
        <translation>Nicht verfügbar: Mit diesem Rezept gehen keine zwei Methoden.</translation>
    </message>
    <message>
        <source>One run each, one after the other, with the learning rate that suits the method; their curves grow on Runs.</source>
        <translation>Je ein Lauf, nacheinander, mit der zur Methode passenden Lernrate; die Kurven wachsen unter Läufe.</translation>
    </message>
    <message>
        <source>The comparison was not started</source>
        <translation>Der Vergleich wurde nicht gestartet</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>%1 options</source>
        <translation>Optionen: %1</translation>
    </message>
    <message>
        <source>%1 changed</source>
        <translation>%1 geändert</translation>
    </message>
    <message>
        <source>Show the %1 changed settings alone</source>
        <translation>Nur die %1 geänderten Einstellungen zeigen</translation>
    </message>
    <message>
        <source>The recipe could not be loaded</source>
        <translation>Das Rezept konnte nicht geladen werden</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>Lernziel</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Which method</source>
        <translation>Welches Verfahren</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Rate decay per block</source>
        <translation>Ratenabnahme je Block</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Recipes (*.json)</source>
        <translation>Rezepte (*.json)</translation>
    </message>
    <message>
        <source>Before the task</source>
        <translation>Vor der Aufgabe</translation>
    </message>
</context>
<context>
    <name>luthier::MetricChart</name>
    <message>
        <source>. %1: last %2 at %3 %4</source>
        <translation>. %1: zuletzt %2 bei %3 %4</translation>
    </message>
    <message>
        <source>, best %1 at %2 %3</source>
        <translation>, bester Wert %1 bei %2 %3</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Save this chart...</source>
        <translation>Dieses Diagramm speichern …</translation>
    </message>
    <message>
        <source>Whole range</source>
        <translation>Ganzer Bereich</translation>
    </message>
    <message>
        <source>As a table</source>
        <translation>Als Tabelle</translation>
    </message>
</context>
<context>
    <name>luthier::Microscope</name>
    <message>
        <source>trained</source>
        <translation>trainiert</translation>
    </message>
    <message>
        <source>special</source>
        <translation>Sonderzeichen</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>abgeschnitten</translation>
    </message>
    <message>
        <source>context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Token microscope</source>
        <translation>Token-Mikroskop</translation>
    </message>
    <message>
        <source>No row chosen</source>
        <translation>Keine Zeile gewählt</translation>
    </message>
    <message>
        <source>Choose a row to see the tokens that training makes of it.</source>
        <translation>Eine Zeile wählen, um zu sehen, welche Tokens das Training daraus macht.</translation>
    </message>
    <message>
        <source>No model chosen</source>
        <translation>Kein Modell gewählt</translation>
    </message>
    <message>
        <source>A row becomes tokens by the model&apos;s own tokenizer.</source>
        <translation>Eine Zeile wird vom Tokenizer des Modells in Tokens zerlegt.</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>Anderes Modell wählen</translation>
    </message>
    <message>
        <source>Which tokens are shown</source>
        <translation>Welche Tokens zu sehen sind</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>Betrieb</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Unterschied</translation>
    </message>
    <message>
        <source>Previous row</source>
        <translation>Vorige Zeile</translation>
    </message>
    <message>
        <source>Next row</source>
        <translation>Nächste Zeile</translation>
    </message>
    <message>
        <source>Close the microscope</source>
        <translation>Mikroskop schließen</translation>
    </message>
    <message>
        <source>Trained target</source>
        <translation>Trainiertes Ziel</translation>
    </message>
    <message>
        <source>Loss tokens</source>
        <translation>Verlust-Tokens</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>The row cannot be shown as tokens</source>
        <translation>Die Zeile ist nicht als Tokens darstellbar</translation>
    </message>
    <message>
        <source>row %1, %2</source>
        <translation>Zeile %1, %2</translation>
    </message>
    <message>
        <source>Tokens of row %1</source>
        <translation>Tokens der Zeile %1</translation>
    </message>
    <message>
        <source>Tokens that a server gives the model for row %1</source>
        <translation>Tokens, die ein Server dem Modell für Zeile %1 gibt</translation>
    </message>
    <message>
        <source>Tokens of the prompt of row %1, in training and in serving</source>
        <translation>Tokens der Eingabe von Zeile %1, im Training und im Betrieb</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>class id %1</source>
        <translation>Klasse Nr. %1</translation>
    </message>
    <message>
        <source>The row has no known label, so it is left out of training.</source>
        <translation>Die Zeile hat kein bekanntes Label und bleibt beim Training außen vor.</translation>
    </message>
    <message>
        <source>Only the label carries loss. The tokens are context, read but not predicted.</source>
        <translation>Nur das Label trägt Verlust. Die Tokens sind Kontext: gelesen, nicht vorhergesagt.</translation>
    </message>
    <message>
        <source>%1 of at most %2 tokens</source>
        <translation>%1 von höchstens %2 Tokens</translation>
    </message>
    <message>
        <source>Each time the row is read, %1 of the trained tokens are masked at random and predicted.</source>
        <translation>Bei jedem Lesen der Zeile werden %1 der trainierten Tokens zufällig maskiert und vorhergesagt.</translation>
    </message>
    <message>
        <source>Words with a tag: %1. The tag of a token is in its note.</source>
        <translation>Wörter mit Tag: %1. Das Tag eines Tokens steht in seinem Hinweis.</translation>
    </message>
    <message>
        <source>What this row trains</source>
        <translation>Was diese Zeile trainiert</translation>
    </message>
    <message>
        <source>What luthier-cli serve gives the model for this row: %1 tokens. Its answer comes behind them.</source>
        <translation>Was luthier-cli serve dem Modell für diese Zeile gibt: %1 Tokens. Dahinter folgt die Antwort.</translation>
    </message>
    <message>
        <source>Training and serving read the same prompt: %1 tokens.</source>
        <translation>Training und Betrieb lesen dieselbe Eingabe: %1 Tokens.</translation>
    </message>
    <message>
        <source>Only in training: %1 (struck through). Only in serving: %2 (framed). In both: %3.</source>
        <translation>Nur im Training: %1 (durchgestrichen). Nur im Betrieb: %2 (umrahmt). In beiden: %3.</translation>
    </message>
    <message>
        <source>The recipe writes a system prompt into every row. Requests must send it too.</source>
        <translation>Das Rezept schreibt einen Systemprompt in jede Zeile. Anfragen müssen ihn auch senden.</translation>
    </message>
    <message>
        <source>Tokens cut off: %1, the end among them. The model may not learn when to stop.</source>
        <translation>Abgeschnittene Tokens: %1, das Ende darunter. Das Modell lernt womöglich nicht, wann es aufhören soll.</translation>
    </message>
    <message>
        <source>Tokens cut off: %1</source>
        <translation>Abgeschnittene Tokens: %1</translation>
    </message>
    <message>
        <source>Raise limit to %1</source>
        <translation>Grenze auf %1 anheben</translation>
    </message>
    <message>
        <source>Not available: the model reads at most %1 tokens.</source>
        <translation>Nicht verfügbar: das Modell liest höchstens %1 Tokens.</translation>
    </message>
    <message>
        <source>Estimate: memory %1 to %2</source>
        <translation>Schätzung: Speicher %1 auf %2</translation>
    </message>
    <message>
        <source>Token limit</source>
        <translation>Token-Grenze</translation>
    </message>
</context>
<context>
    <name>luthier::ModelDetailsView</name>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>Show files</source>
        <translation>Dateien zeigen</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Find a module</source>
        <translation>Modul finden</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>Module</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 Parameter</translation>
    </message>
    <message>
        <source>%1, %2 tokens</source>
        <translation>%1, %2 Tokens</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Show files, %1</source>
        <translation>Dateien zeigen, %1</translation>
    </message>
    <message>
        <source>%1, %2 key-value</source>
        <translation>%1, %2 Key-Value</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Familie</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Layers × channels</source>
        <translation>Schichten × Kanäle</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>Köpfe</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>Positionen</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vokabular</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>drawn anew</source>
        <translation>neu gezogen</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>safetensors, no code executed</source>
        <translation>safetensors, kein Code ausgeführt</translation>
    </message>
    <message>
        <source>all tensors match</source>
        <translation>alle Tensoren passen</translation>
    </message>
    <message>
        <source>tokenizer fits</source>
        <translation>Tokenizer passt</translation>
    </message>
    <message>
        <source>licence stated</source>
        <translation>Lizenz angegeben</translation>
    </message>
    <message>
        <source>%1 models have no head for this project&apos;s task. Choose another model, or another task on the page Method.</source>
        <translation>%1-Modelle haben keinen Kopf für die Aufgabe des Projekts. Anderes Modell wählen, oder eine andere Aufgabe auf der Seite Verfahren.</translation>
    </message>
</context>
<context>
    <name>luthier::ModelList</name>
    <message>
        <source>Fits your task and device</source>
        <translation>Passt zu Aufgabe und Gerät</translation>
    </message>
    <message>
        <source>Tight or too large</source>
        <translation>Knapp oder zu groß</translation>
    </message>
    <message>
        <source>Other tasks</source>
        <translation>Andere Aufgaben</translation>
    </message>
    <message>
        <source>Cannot be used</source>
        <translation>Nicht nutzbar</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>passt</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>knapp</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>zu groß</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 Parameter</translation>
    </message>
</context>
<context>
    <name>luthier::ModelPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Open a folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Continue to Method</source>
        <translation>Weiter zum Verfahren</translation>
    </message>
    <message>
        <source>Open a model&apos;s folder</source>
        <translation>Modellordner öffnen</translation>
    </message>
    <message>
        <source>No model chosen</source>
        <translation>Kein Modell gewählt</translation>
    </message>
    <message>
        <source>Choose one at the left: what it is made of and whether it fits stands here then.</source>
        <translation>Links eines wählen: hier steht dann, woraus es besteht und ob es passt.</translation>
    </message>
    <message>
        <source>Models on this computer</source>
        <translation>Modelle auf diesem Rechner</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Hub cache</source>
        <translation>Hub-Cache</translation>
    </message>
    <message>
        <source>Hub</source>
        <translation>Hub</translation>
    </message>
    <message>
        <source>Where to look for models</source>
        <translation>Wo nach Modellen gesucht wird</translation>
    </message>
    <message>
        <source>Filter the models</source>
        <translation>Modelle filtern</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Looking for models</source>
        <translation>Modelle werden gesucht</translation>
    </message>
    <message>
        <source>Filter 1 model</source>
        <translation>1 Modell filtern</translation>
    </message>
    <message>
        <source>Filter %1 models</source>
        <translation>%1 Modelle filtern</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Starters, projects, runs: %1</source>
        <translation>Startprojekte, Projekte, Läufe: %1</translation>
    </message>
    <message>
        <source>Nothing in the cache</source>
        <translation>Nichts im Cache</translation>
    </message>
    <message>
        <source>No model found</source>
        <translation>Kein Modell gefunden</translation>
    </message>
    <message>
        <source>Models that other programs fetched from Hugging Face are listed here.</source>
        <translation>Hier stehen Modelle, die andere Programme von Hugging Face geholt haben.</translation>
    </message>
    <message>
        <source>Open a folder that holds a model: config.json, safetensors and a tokenizer.</source>
        <translation>Ordner mit einem Modell öffnen: config.json, safetensors und ein Tokenizer.</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Modell wird gelesen</translation>
    </message>
    <message>
        <source>This model cannot be used</source>
        <translation>Dieses Modell ist nicht nutzbar</translation>
    </message>
    <message>
        <source>%1 was not chosen</source>
        <translation>%1 wurde nicht gewählt</translation>
    </message>
    <message>
        <source>Choose a model&apos;s folder</source>
        <translation>Modellordner wählen</translation>
    </message>
    <message>
        <source>Not available: open data or a project first.</source>
        <translation>Nicht verfügbar: zuerst Daten oder ein Projekt öffnen.</translation>
    </message>
    <message>
        <source>Not available: the chosen model cannot be read.</source>
        <translation>Nicht verfügbar: das gewählte Modell ist nicht lesbar.</translation>
    </message>
    <message>
        <source>Not available: choose a model first.</source>
        <translation>Nicht verfügbar: zuerst ein Modell wählen.</translation>
    </message>
</context>
<context>
    <name>luthier::ModelServer</name>
    <message>
        <source>The model could not be opened</source>
        <translation>Das Modell konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>The model&apos;s process has ended</source>
        <translation>Der Prozess des Modells ist beendet</translation>
    </message>
    <message>
        <source>Open it again.</source>
        <translation>Erneut öffnen.</translation>
    </message>
</context>
<context>
    <name>luthier::ModuleTree</name>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>identical</source>
        <translation>identisch</translation>
    </message>
    <message>
        <source>block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>1 block</source>
        <translation>1 Block</translation>
    </message>
    <message>
        <source>%1 blocks</source>
        <translation>%1 Blöcke</translation>
    </message>
    <message>
        <source>LoRA target</source>
        <translation>LoRA-Ziel</translation>
    </message>
    <message>
        <source>tied with %1</source>
        <translation>gekoppelt mit %1</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>Modul</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Share, %</source>
        <translation>Anteil, %</translation>
    </message>
</context>
<context>
    <name>luthier::NumberEditor</name>
    <message>
        <source>slider</source>
        <translation>Regler</translation>
    </message>
    <message>
        <source>%1 is a whole number.</source>
        <translation>%1 ist eine ganze Zahl.</translation>
    </message>
    <message>
        <source>%1 is a number.</source>
        <translation>%1 ist eine Zahl.</translation>
    </message>
</context>
<context>
    <name>luthier::OptionEditor</name>
    <message>
        <source>%1 is %2 to %3.</source>
        <translation>%1 ist %2 bis %3.</translation>
    </message>
    <message>
        <source>%1 is at least %2.</source>
        <translation>%1 ist mindestens %2.</translation>
    </message>
    <message>
        <source>%1 is at most %2.</source>
        <translation>%1 ist höchstens %2.</translation>
    </message>
</context>
<context>
    <name>luthier::OptionForm</name>
    <message>
        <source>Search settings</source>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Searches simple and advanced settings. Key: /</source>
        <translation>Durchsucht einfache und erweiterte Einstellungen. Taste: /</translation>
    </message>
    <message>
        <source>Level of the settings</source>
        <translation>Umfang der Einstellungen</translation>
    </message>
    <message>
        <source>Simple</source>
        <translation>Einfach</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Search all %1 settings</source>
        <translation>Alle %1 Einstellungen durchsuchen</translation>
    </message>
    <message>
        <source>Everything is at its default.</source>
        <translation>Alles steht auf dem Standardwert.</translation>
    </message>
    <message>
        <source>No setting has “%1” in its name or help.</source>
        <translation>Keine Einstellung hat „%1“ im Namen oder in der Hilfe.</translation>
    </message>
</context>
<context>
    <name>luthier::OptionRow</name>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>Set %1 back to its default</source>
        <translation>%1 auf den Standardwert zurücksetzen</translation>
    </message>
    <message>
        <source>%1, changed</source>
        <translation>%1, geändert</translation>
    </message>
</context>
<context>
    <name>luthier::Overlay</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>luthier::PreflightPage</name>
    <message>
        <source>Preflight</source>
        <translation>Vorprüfung</translation>
    </message>
    <message>
        <source>Run preflight</source>
        <translation>Vorprüfung starten</translation>
    </message>
    <message>
        <source>Start training</source>
        <translation>Training starten</translation>
    </message>
    <message>
        <source>Progress of the preflight</source>
        <translation>Fortschritt der Vorprüfung</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>The preflight was not started</source>
        <translation>Die Vorprüfung wurde nicht gestartet</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>The preflight could not be finished</source>
        <translation>Die Vorprüfung wurde nicht fertig</translation>
    </message>
    <message>
        <source>luthier-cli gave no result.</source>
        <translation>luthier-cli lieferte kein Ergebnis.</translation>
    </message>
    <message>
        <source>Run it again; if it happens again, copy the details.</source>
        <translation>Erneut starten; falls es wieder geschieht, die Details kopieren.</translation>
    </message>
    <message>
        <source>Training was not started</source>
        <translation>Das Training wurde nicht gestartet</translation>
    </message>
    <message>
        <source>The fix was not applied</source>
        <translation>Die Abhilfe wurde nicht angewendet</translation>
    </message>
    <message>
        <source>%1: %2 → %3</source>
        <translation>%1: %2 → %3</translation>
    </message>
    <message>
        <source>The recipe has changed since: run the preflight again.</source>
        <translation>Das Rezept wurde seither geändert: Vorprüfung erneut starten.</translation>
    </message>
    <message>
        <source>No project is open</source>
        <translation>Kein Projekt geöffnet</translation>
    </message>
    <message>
        <source>The preflight checks a project&apos;s data, model and settings before training.</source>
        <translation>Die Vorprüfung prüft Daten, Modell und Einstellungen eines Projekts vor dem Training.</translation>
    </message>
    <message>
        <source>Go to Home</source>
        <translation>Gehe zu: Start</translation>
    </message>
    <message>
        <source>A data file and a model are missing.</source>
        <translation>Datendatei und Modell fehlen.</translation>
    </message>
    <message>
        <source>A data file is missing.</source>
        <translation>Eine Datendatei fehlt.</translation>
    </message>
    <message>
        <source>A model is missing.</source>
        <translation>Ein Modell fehlt.</translation>
    </message>
    <message>
        <source>Nothing to check yet</source>
        <translation>Noch nichts zu prüfen</translation>
    </message>
    <message>
        <source>Then one real step tells memory, time and what is wrong.</source>
        <translation>Danach zeigt ein echter Schritt Speicher, Zeit und was nicht stimmt.</translation>
    </message>
    <message>
        <source>Choose data</source>
        <translation>Daten wählen</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Not checked yet</source>
        <translation>Noch nicht geprüft</translation>
    </message>
    <message>
        <source>One real step on the longest rows measures memory and time, and finds what would go wrong.</source>
        <translation>Ein echter Schritt auf den längsten Zeilen misst Speicher und Zeit und findet, was schiefgehen würde.</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>%1 checks, %2</source>
        <translation>%1 Prüfungen, %2</translation>
    </message>
    <message>
        <source>out of date</source>
        <translation>veraltet</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Open a project first.</source>
        <translation>Zuerst ein Projekt öffnen.</translation>
    </message>
    <message>
        <source>The recipe has problems.</source>
        <translation>Das Rezept hat Probleme.</translation>
    </message>
    <message>
        <source>F5</source>
        <translation>F5</translation>
    </message>
    <message>
        <source>Check and start</source>
        <translation>Prüfen und starten</translation>
    </message>
    <message>
        <source>Training starts as soon as the preflight is done.</source>
        <translation>Das Training startet, sobald die Vorprüfung fertig ist.</translation>
    </message>
    <message>
        <source>Blocked by: %1</source>
        <translation>Gesperrt durch: %1</translation>
    </message>
</context>
<context>
    <name>luthier::ProblemList</name>
    <message>
        <source>The recipe cannot run yet</source>
        <translation>Das Rezept ist noch nicht lauffähig</translation>
    </message>
    <message>
        <source>1 problem</source>
        <translation>1 Problem</translation>
    </message>
    <message>
        <source>%1 problems</source>
        <translation>%1 Probleme</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
</context>
<context>
    <name>luthier::ProjectFacts</name>
    <message>
        <source>Reading the data</source>
        <translation>Daten werden gelesen</translation>
    </message>
    <message>
        <source>The data cannot be read</source>
        <translation>Die Daten sind nicht lesbar</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Modell wird gelesen</translation>
    </message>
    <message>
        <source>The model cannot be used</source>
        <translation>Das Modell ist nicht nutzbar</translation>
    </message>
</context>
<context>
    <name>luthier::RateCard</name>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Try rates</source>
        <translation>Raten probieren</translation>
    </message>
    <message>
        <source>A hundred steps on your rows with a rate that rises until the loss runs away. Nothing of it is kept.</source>
        <translation>Hundert Schritte auf Ihren Zeilen mit einer Rate, die steigt, bis der Verlust davonläuft. Nichts davon bleibt.</translation>
    </message>
    <message>
        <source>Not available: the recipe is not complete yet.</source>
        <translation>Nicht verfügbar: Das Rezept ist noch nicht vollständig.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Which rate suits this model and data can be tried out in about the time of a hundred steps.</source>
        <translation>Welche Rate zu Modell und Daten passt, lässt sich in etwa der Zeit von hundert Schritten ausprobieren.</translation>
    </message>
    <message>
        <source>Use %1</source>
        <translation>%1 verwenden</translation>
    </message>
    <message>
        <source>Not available: this is the learning rate now.</source>
        <translation>Nicht verfügbar: Das ist die jetzige Lernrate.</translation>
    </message>
    <message>
        <source>No rates were tried</source>
        <translation>Es wurden keine Raten probiert</translation>
    </message>
    <message>
        <source>Trying rates</source>
        <translation>Raten probieren</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Stopped. Nothing was changed.</source>
        <translation>Angehalten. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>The rates could not be tried</source>
        <translation>Die Raten konnten nicht probiert werden</translation>
    </message>
    <message>
        <source>The loss falls fastest at %1 and is lowest at %2: %3 is suggested.</source>
        <translation>Der Verlust fällt bei %1 am schnellsten und ist bei %2 am niedrigsten: Vorgeschlagen wird %3.</translation>
    </message>
    <message>
        <source>The loss did not fall at any rate: look at the data and at what trains.</source>
        <translation>Der Verlust fiel bei keiner Rate: Sehen Sie sich die Daten an und was trainiert wird.</translation>
    </message>
</context>
<context>
    <name>luthier::RateChart</name>
    <message>
        <source>Loss by learning rate, %1 steps</source>
        <translation>Verlust nach Lernrate, %1 Schritte</translation>
    </message>
    <message>
        <source>, lowest %1 at %2</source>
        <translation>, am niedrigsten %1 bei %2</translation>
    </message>
    <message>
        <source>, suggested %1</source>
        <translation>, vorgeschlagen %1</translation>
    </message>
</context>
<context>
    <name>luthier::ReadingOptions</name>
    <message>
        <source>Comma</source>
        <translation>Komma</translation>
    </message>
    <message>
        <source>Semicolon</source>
        <translation>Semikolon</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tabulator</translation>
    </message>
    <message>
        <source>Vertical bar</source>
        <translation>Senkrechter Strich</translation>
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
        <source>How the file is read</source>
        <translation>Wie die Datei gelesen wird</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>JSON-Zeilen</translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation>Reiner Text</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodierung</translation>
    </message>
    <message>
        <source>Latin-1 (Windows-1252)</source>
        <translation>Latin-1 (Windows-1252)</translation>
    </message>
    <message>
        <source>Delimiter</source>
        <translation>Trennzeichen</translation>
    </message>
    <message>
        <source>Quote</source>
        <translation>Anführungszeichen</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>First line names the columns</source>
        <translation>Erste Zeile nennt die Spalten</translation>
    </message>
    <message>
        <source>A Parquet file says itself how its texts are written</source>
        <translation>Eine Parquet-Datei sagt selbst, wie ihre Texte kodiert sind</translation>
    </message>
    <message>
        <source>Only for CSV and TSV</source>
        <translation>Nur für CSV und TSV</translation>
    </message>
    <message>
        <source>Detect</source>
        <translation>Erkennen</translation>
    </message>
    <message>
        <source>Detect (%1)</source>
        <translation>Erkennen (%1)</translation>
    </message>
</context>
<context>
    <name>luthier::RecentRow</name>
    <message>
        <source>Waiting since %1</source>
        <translation>Wartet seit %1</translation>
    </message>
    <message>
        <source>Training, %1 %</source>
        <translation>Training, %1 %</translation>
    </message>
    <message>
        <source>Paused at step %1</source>
        <translation>Pausiert bei Schritt %1</translation>
    </message>
    <message>
        <source>Finished %1</source>
        <translation>Fertig %1</translation>
    </message>
    <message>
        <source>Failed %1</source>
        <translation>Fehlgeschlagen %1</translation>
    </message>
    <message>
        <source>Stopped %1</source>
        <translation>Gestoppt %1</translation>
    </message>
    <message>
        <source>Interrupted %1</source>
        <translation>Unterbrochen %1</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the project %1</source>
        <translation>Projekt %1 öffnen</translation>
    </message>
    <message>
        <source>No run yet</source>
        <translation>Noch kein Lauf</translation>
    </message>
</context>
<context>
    <name>luthier::RowSource</name>
    <message>
        <source>Opening the data</source>
        <translation>Daten werden geöffnet</translation>
    </message>
    <message>
        <source>The rows cannot be read</source>
        <translation>Die Zeilen sind nicht lesbar</translation>
    </message>
    <message>
        <source>The filter failed</source>
        <translation>Der Filter ist gescheitert</translation>
    </message>
    <message>
        <source>The row cannot be read</source>
        <translation>Die Zeile ist nicht lesbar</translation>
    </message>
</context>
<context>
    <name>luthier::RunCard</name>
    <message>
        <source>Run card</source>
        <translation>Laufkarte</translation>
    </message>
    <message>
        <source>Show the run card</source>
        <translation>Laufkarte zeigen</translation>
    </message>
    <message>
        <source>Hide the run card</source>
        <translation>Laufkarte verbergen</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Trainable</source>
        <translation>Trainierbar</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Batch</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>Gradienten</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>Aktivierung</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Datenträger</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Save recipe</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>none chosen</source>
        <translation>nicht gewählt</translation>
    </message>
    <message>
        <source>, %1 labels</source>
        <translation>, %1 Labels</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source> · %1 tokens</source>
        <translation> · %1 Tokens</translation>
    </message>
    <message>
        <source>%1 × %2 accumulated = %3</source>
        <translation>%1 × %2 gesammelt = %3</translation>
    </message>
    <message>
        <source>%1 steps</source>
        <translation>%1 Schritte</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%1 von %2 frei</translation>
    </message>
    <message>
        <source>The estimate needs data and a model.</source>
        <translation>Die Schätzung braucht Daten und ein Modell.</translation>
    </message>
    <message>
        <source>Estimate. Preflight measures it.</source>
        <translation>Geschätzt. Die Vorprüfung misst nach.</translation>
    </message>
    <message>
        <source>Measured by the dry step, %1.</source>
        <translation>Gemessen im Probeschritt, %1.</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Memory %1 of %2</source>
        <translation>Speicher %1 von %2</translation>
    </message>
    <message>
        <source>The estimate of %1 is more than the %2 that are free</source>
        <translation>Die Schätzung von %1 übersteigt die freien %2</translation>
    </message>
    <message>
        <source>Fix</source>
        <translation>Beheben</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message numerus="yes">
        <source>%n errors</source>
        <translation>
            <numerusform>%n Fehler</numerusform>
            <numerusform>%n Fehler</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warnings</source>
        <translation>
            <numerusform>%n Warnung</numerusform>
            <numerusform>%n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>no warnings</source>
        <translation>keine Warnungen</translation>
    </message>
</context>
<context>
    <name>luthier::RunModel</name>
    <message>
        <source>Reading the runs</source>
        <translation>Läufe werden gelesen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Validation loss</source>
        <translation>Validierungsverlust</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Bester Wert</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Trainable</source>
        <translation>Trainierbar</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
</context>
<context>
    <name>luthier::RunSettings</name>
    <message>
        <source>Options of this run that are not at their default</source>
        <translation>Optionen dieses Laufs, die vom Standardwert abweichen</translation>
    </message>
</context>
<context>
    <name>luthier::RunSettingsModel</name>
    <message>
        <source>Option</source>
        <translation>Option</translation>
    </message>
    <message>
        <source>This run</source>
        <translation>Dieser Lauf</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standardwert</translation>
    </message>
</context>
<context>
    <name>luthier::RunTable</name>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
</context>
<context>
    <name>luthier::RunsPage</name>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Export table</source>
        <translation>Tabelle exportieren</translation>
    </message>
    <message>
        <source>Repeat run</source>
        <translation>Lauf wiederholen</translation>
    </message>
    <message>
        <source>Opens this run&apos;s recipe as a project</source>
        <translation>Öffnet das Rezept dieses Laufs als Projekt</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>Noch keine Läufe</translation>
    </message>
    <message>
        <source>A run keeps its settings, curves and checkpoints. Start one from Preflight.</source>
        <translation>Ein Lauf behält Einstellungen, Kurven und Checkpoints. Er wird unter Vorprüfung gestartet.</translation>
    </message>
    <message>
        <source>Go to Preflight</source>
        <translation>Zur Vorprüfung</translation>
    </message>
    <message>
        <source>Filter by name, method, state or result</source>
        <translation>Nach Name, Verfahren, Zustand oder Ergebnis filtern</translation>
    </message>
    <message>
        <source>This project</source>
        <translation>Dieses Projekt</translation>
    </message>
    <message>
        <source>All projects</source>
        <translation>Alle Projekte</translation>
    </message>
    <message>
        <source>Which runs are listed</source>
        <translation>Welche Läufe aufgeführt sind</translation>
    </message>
    <message>
        <source>No project is open.</source>
        <translation>Kein Projekt geöffnet.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Validation loss</source>
        <translation>Validierungsverlust</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>Waagerechte Achse</translation>
    </message>
    <message>
        <source>The run could not be resumed</source>
        <translation>Der Lauf konnte nicht fortgesetzt werden</translation>
    </message>
    <message numerus="yes">
        <source>%n runs</source>
        <translation>
            <numerusform>%n Lauf</numerusform>
            <numerusform>%n Läufe</numerusform>
        </translation>
    </message>
    <message>
        <source>Select a run in the table.</source>
        <translation>Einen Lauf in der Tabelle wählen.</translation>
    </message>
    <message>
        <source>Only a run that was interrupted, stopped or failed can go on.</source>
        <translation>Nur ein unterbrochener, gestoppter oder fehlgeschlagener Lauf kann weitergehen.</translation>
    </message>
    <message>
        <source>The run is still going on: stop it first.</source>
        <translation>Der Lauf ist noch nicht zu Ende: zuerst stoppen.</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Reading the curves</source>
        <translation>Kurven werden gelesen</translation>
    </message>
    <message>
        <source>Delete %1 with its curves, checkpoints and exports in the run&apos;s folder? This frees %2.</source>
        <translation>%1 mit Kurven, Checkpoints und Exporten im Ordner des Laufs löschen? Das gibt %2 frei.</translation>
    </message>
    <message>
        <source>The run could not be deleted</source>
        <translation>Der Lauf konnte nicht gelöscht werden</translation>
    </message>
    <message>
        <source>Export the table</source>
        <translation>Tabelle exportieren</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>The table could not be written</source>
        <translation>Die Tabelle konnte nicht geschrieben werden</translation>
    </message>
</context>
<context>
    <name>luthier::SamplesPanel</name>
    <message>
        <source>Samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Previous prompt</source>
        <translation>Vorige Eingabe</translation>
    </message>
    <message>
        <source>Next prompt</source>
        <translation>Nächste Eingabe</translation>
    </message>
    <message>
        <source>Sample now</source>
        <translation>Jetzt fragen</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Basismodell</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>The model&apos;s answers to held-out prompts come with every evaluation.</source>
        <translation>Mit jeder Auswertung kommen hier Antworten des Modells auf zurückgehaltene Eingaben.</translation>
    </message>
    <message>
        <source>Prompt, held out; temperature 0</source>
        <translation>Prompt, zurückgehalten; Temperatur 0</translation>
    </message>
    <message>
        <source>Reference answer</source>
        <translation>Vorgegebene Antwort</translation>
    </message>
</context>
<context>
    <name>luthier::SettingsDiff</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Differences only</source>
        <translation>Nur Unterschiede</translation>
    </message>
    <message>
        <source>%1 of %2 differ</source>
        <translation>%1 von %2 verschieden</translation>
    </message>
    <message>
        <source>Tick two runs or more to see what is different between them.</source>
        <translation>Mindestens zwei Läufe ankreuzen, um ihre Unterschiede zu sehen.</translation>
    </message>
    <message>
        <source>These runs used different data: their metrics are not directly comparable.</source>
        <translation>Diese Läufe nutzten verschiedene Daten: ihre Metriken sind nicht direkt vergleichbar.</translation>
    </message>
    <message>
        <source>No setting differs.</source>
        <translation>Keine Einstellung ist verschieden.</translation>
    </message>
</context>
<context>
    <name>luthier::SettingsPage</name>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Weitere</translation>
    </message>
    <message>
        <source>%1 processor cores, %2 of memory</source>
        <translation>%1 Prozessorkerne, %2 Speicher</translation>
    </message>
    <message>
        <source>%1 with %2, driver %3</source>
        <translation>%1 mit %2, Treiber %3</translation>
    </message>
    <message>
        <source>No NVIDIA GPU: runs use the processor.</source>
        <translation>Keine NVIDIA-GPU: Läufe nutzen den Prozessor.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Choose a projects folder</source>
        <translation>Projektordner wählen</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>Luthier %1
Qt %2, on %3 %4</source>
        <translation>Luthier %1
Qt %2, auf %3 %4</translation>
    </message>
    <message>
        <source>New projects are made in %1. Runs are kept in %2.</source>
        <translation>Neue Projekte entstehen in %1. Läufe liegen in %2.</translation>
    </message>
</context>
<context>
    <name>luthier::SoundPlayer</name>
    <message>
        <source>This computer has no sound output.</source>
        <translation>Dieser Rechner hat keine Tonausgabe.</translation>
    </message>
</context>
<context>
    <name>luthier::SoundView</name>
    <message>
        <source>Waveform and spectrogram</source>
        <translation>Wellenform und Spektrogramm</translation>
    </message>
    <message>
        <source>%1 seconds</source>
        <translation>%1 Sekunden</translation>
    </message>
</context>
<context>
    <name>luthier::SplitBar</name>
    <message>
        <source>Split</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>training %1, validation %2, test %3</source>
        <translation>Training %1, Validierung %2, Test %3</translation>
    </message>
</context>
<context>
    <name>luthier::SplitControl</name>
    <message>
        <source>Split</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>By share</source>
        <translation>Nach Anteil</translation>
    </message>
    <message>
        <source>How rows are divided</source>
        <translation>Wie Zeilen aufgeteilt werden</translation>
    </message>
    <message>
        <source>From column</source>
        <translation>Aus Spalte</translation>
    </message>
    <message>
        <source>%1 train</source>
        <translation>%1 Train.</translation>
    </message>
    <message>
        <source>%1 val</source>
        <translation>%1 Val.</translation>
    </message>
    <message>
        <source>%1 test</source>
        <translation>%1 Test</translation>
    </message>
    <message>
        <source>The column %1 says where each row belongs.</source>
        <translation>Die Spalte %1 sagt, wohin jede Zeile gehört.</translation>
    </message>
    <message>
        <source>Validation: %1</source>
        <translation>Validierung: %1</translation>
    </message>
    <message>
        <source>Test: %1</source>
        <translation>Test: %1</translation>
    </message>
    <message>
        <source>Without validation rows nobody sees whether training helps. Drag the handle.</source>
        <translation>Ohne Validierungszeilen sieht niemand, ob das Training hilft. Den Griff ziehen.</translation>
    </message>
    <message>
        <source>Each part keeps the labels&apos; shares. Seed %1.</source>
        <translation>Jeder Teil wahrt die Label-Anteile. Startwert %1.</translation>
    </message>
    <message>
        <source>Drawn at random. Seed %1.</source>
        <translation>Zufällig gezogen. Startwert %1.</translation>
    </message>
    <message>
        <source>Validation file...</source>
        <translation>Validierungsdatei …</translation>
    </message>
    <message>
        <source>Without the validation file</source>
        <translation>Ohne die Validierungsdatei</translation>
    </message>
    <message>
        <source>Test file...</source>
        <translation>Testdatei …</translation>
    </message>
    <message>
        <source>Without the test file</source>
        <translation>Ohne die Testdatei</translation>
    </message>
    <message>
        <source>Keep the labels&apos; shares in each part</source>
        <translation>Label-Anteile in jedem Teil wahren</translation>
    </message>
</context>
<context>
    <name>luthier::StarterCard</name>
    <message>
        <source>Starter project: %1</source>
        <translation>Startprojekt: %1</translation>
    </message>
    <message>
        <source>%1, %2 parameters · %3 rows</source>
        <translation>%1, %2 Parameter · %3 Zeilen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the starter %1</source>
        <translation>Startprojekt %1 öffnen</translation>
    </message>
</context>
<context>
    <name>luthier::StatusBar</name>
    <message numerus="yes">
        <source>CPU, %n cores</source>
        <translation>
            <numerusform>CPU, %n Kern</numerusform>
            <numerusform>CPU, %n Kerne</numerusform>
        </translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stoppen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>Gespeichert %1</translation>
    </message>
    <message>
        <source>Not saved: %1</source>
        <translation>Nicht gespeichert: %1</translation>
    </message>
    <message>
        <source>used</source>
        <translation>belegt</translation>
    </message>
    <message>
        <source>Memory %1 of %2 used</source>
        <translation>Speicher: %1 von %2 belegt</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>No job running</source>
        <translation>Kein Auftrag läuft</translation>
    </message>
</context>
<context>
    <name>luthier::StepChart</name>
    <message>
        <source>%1 from epoch %2</source>
        <translation>%1 ab Epoche %2</translation>
    </message>
</context>
<context>
    <name>luthier::StepRail</name>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>Projekt</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Preflight</source>
        <translation>Vorprüfung</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Find anything</source>
        <translation>Alles finden</translation>
    </message>
    <message>
        <source>Ctrl K</source>
        <translation>Strg K</translation>
    </message>
    <message>
        <source>Luthier</source>
        <translation>Luthier</translation>
    </message>
    <message>
        <source>No project open</source>
        <translation>Kein Projekt offen</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>Neues Projekt</translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation>Projekt öffnen …</translation>
    </message>
</context>
<context>
    <name>luthier::TableEditor</name>
    <message>
        <source>Add a line</source>
        <translation>Zeile anfügen</translation>
    </message>
    <message>
        <source>add a line</source>
        <translation>Zeile anfügen</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>number</source>
        <translation>Zahl</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Remove this line</source>
        <translation>Diese Zeile entfernen</translation>
    </message>
    <message>
        <source>name %1</source>
        <translation>Name %1</translation>
    </message>
    <message>
        <source>value %1</source>
        <translation>Wert %1</translation>
    </message>
    <message>
        <source>A line has no name.</source>
        <translation>Eine Zeile hat keinen Namen.</translation>
    </message>
    <message>
        <source>%1 stands there twice.</source>
        <translation>%1 steht zweimal da.</translation>
    </message>
    <message>
        <source>%1 needs a number.</source>
        <translation>%1 braucht eine Zahl.</translation>
    </message>
</context>
<context>
    <name>luthier::TargetGrid</name>
    <message>
        <source>Layers with an adapter: %1 of %2</source>
        <translation>Schichten mit Adapter: %1 von %2</translation>
    </message>
    <message>
        <source>adapted</source>
        <translation>mit Adapter</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>eingefroren</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, block %2, %3</source>
        <translation>%1, Block %2, %3</translation>
    </message>
    <message>
        <source>block</source>
        <translation>Block</translation>
    </message>
</context>
<context>
    <name>luthier::TargetsCard</name>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Attention only</source>
        <translation>Nur Attention</translation>
    </message>
    <message>
        <source>adapted</source>
        <translation>mit Adapter</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>eingefroren</translation>
    </message>
    <message>
        <source>Not available: choose a model first.</source>
        <translation>Nicht verfügbar: zuerst ein Modell wählen.</translation>
    </message>
    <message>
        <source>The layers are shown here when a model is chosen.</source>
        <translation>Hier stehen die Schichten, sobald ein Modell gewählt ist.</translation>
    </message>
    <message>
        <source>%1 of %2 linear layers</source>
        <translation>%1 von %2 linearen Schichten</translation>
    </message>
    <message>
        <source>Block %1: %2 layers, %3 parameters</source>
        <translation>Block %1: %2 Schichten, %3 Parameter</translation>
    </message>
</context>
<context>
    <name>luthier::TextEditor</name>
    <message>
        <source>with commas between</source>
        <translation>mit Kommas getrennt</translation>
    </message>
    <message>
        <source>A quotation mark is not closed.</source>
        <translation>Ein Anführungszeichen ist nicht geschlossen.</translation>
    </message>
</context>
<context>
    <name>luthier::TokenShare</name>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Cut off</source>
        <translation>Abgeschnitten</translation>
    </message>
    <message>
        <source>%1 in %2 rows</source>
        <translation>%1 in %2 Zeilen</translation>
    </message>
    <message>
        <source>%1 carry loss</source>
        <translation>%1 tragen Verlust</translation>
    </message>
    <message>
        <source>%1 context</source>
        <translation>%1 Kontext</translation>
    </message>
    <message>
        <source>%1 cut off</source>
        <translation>%1 abgeschnitten</translation>
    </message>
    <message>
        <source>%1 of what the batches hold is padding.</source>
        <translation>%1 des Inhalts der Batches ist Auffüllung.</translation>
    </message>
</context>
<context>
    <name>luthier::TokenView</name>
    <message>
        <source>trained</source>
        <translation>trainiert</translation>
    </message>
    <message>
        <source>special, trained</source>
        <translation>Sonderzeichen, trainiert</translation>
    </message>
    <message>
        <source>special, no loss</source>
        <translation>Sonderzeichen, ohne Verlust</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>abgeschnitten</translation>
    </message>
    <message>
        <source>only in training</source>
        <translation>nur im Training</translation>
    </message>
    <message>
        <source>only in serving</source>
        <translation>nur im Betrieb</translation>
    </message>
    <message>
        <source>context, no loss</source>
        <translation>Kontext, ohne Verlust</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>%1, id %2, position %3, %4</source>
        <translation>%1, Nummer %2, Position %3, %4</translation>
    </message>
    <message>
        <source>id</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>position</source>
        <translation>Position</translation>
    </message>
</context>
<context>
    <name>luthier::TokenizerTryOut</name>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Type a line here to see its tokens, and rare words as well: defragmentation.</source>
        <translation>Hier eine Zeile tippen, um ihre Tokens zu sehen, auch seltene Wörter: Defragmentierung.</translation>
    </message>
    <message>
        <source>Text to tokenise</source>
        <translation>Text zum Zerlegen</translation>
    </message>
    <message>
        <source>Tokens of the line</source>
        <translation>Tokens der Zeile</translation>
    </message>
    <message>
        <source>The text cannot be shown as tokens</source>
        <translation>Der Text ist nicht als Tokens darstellbar</translation>
    </message>
    <message>
        <source>Tokens: %1</source>
        <translation>Tokens: %1</translation>
    </message>
</context>
<context>
    <name>luthier::TrainCharts</name>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>Gradientennorm</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>Durchsatz</translation>
    </message>
    <message>
        <source>What the fourth chart shows</source>
        <translation>Was das vierte Diagramm zeigt</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linear</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>Scale of the loss</source>
        <translation>Skala des Verlusts</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>Waagerechte Achse</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Save PNG, SVG, CSV</source>
        <translation>PNG, SVG, CSV speichern</translation>
    </message>
    <message>
        <source>The charts as a picture and as values, to the clipboard</source>
        <translation>Die Diagramme als Bild und als Werte in die Zwischenablage</translation>
    </message>
    <message>
        <source>train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>val</source>
        <translation>Val.</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>Learning rate, 1e%1</source>
        <translation>Lernrate, 1e%1</translation>
    </message>
    <message>
        <source>rate</source>
        <translation>Rate</translation>
    </message>
    <message>
        <source>planned</source>
        <translation>geplant</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>Norm</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>Tokens/s</translation>
    </message>
    <message>
        <source>clip %1</source>
        <translation>Grenze %1</translation>
    </message>
    <message>
        <source> (%1)</source>
        <translation> (%1)</translation>
    </message>
    <message>
        <source>base model %1</source>
        <translation>Basismodell %1</translation>
    </message>
</context>
<context>
    <name>luthier::TrainPage</name>
    <message>
        <source>Train</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>No run yet</source>
        <translation>Noch kein Lauf</translation>
    </message>
    <message>
        <source>Loss, metrics, log and events of a run show here. Preflight starts one.</source>
        <translation>Verlust, Metriken, Protokoll und Ereignisse eines Laufs stehen hier. Die Vorprüfung startet einen.</translation>
    </message>
    <message>
        <source>Go to Preflight</source>
        <translation>Zur Vorprüfung</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stoppen</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>Auswertung</translation>
    </message>
    <message>
        <source>What stands beside the charts</source>
        <translation>Was neben den Diagrammen steht</translation>
    </message>
    <message>
        <source>Events, log or settings</source>
        <translation>Ereignisse, Protokoll oder Einstellungen</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Ereignisse</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Settings of this run</source>
        <translation>Einstellungen dieses Laufs</translation>
    </message>
    <message>
        <source>Fold</source>
        <translation>Einklappen</translation>
    </message>
    <message>
        <source>Unfold</source>
        <translation>Ausklappen</translation>
    </message>
    <message>
        <source>Stop this run</source>
        <translation>Diesen Lauf stoppen</translation>
    </message>
    <message>
        <source>Logarithmic or linear loss</source>
        <translation>Verlust logarithmisch oder linear</translation>
    </message>
    <message>
        <source>Less smoothing</source>
        <translation>Weniger Glättung</translation>
    </message>
    <message>
        <source>More smoothing</source>
        <translation>Mehr Glättung</translation>
    </message>
    <message>
        <source>Whole range of the charts</source>
        <translation>Ganzer Bereich der Diagramme</translation>
    </message>
    <message>
        <source>Waiting for the present step to end</source>
        <translation>Wartet auf das Ende des laufenden Schritts</translation>
    </message>
    <message>
        <source>Not available: the first step has not begun</source>
        <translation>Nicht verfügbar: der erste Schritt hat noch nicht begonnen</translation>
    </message>
    <message>
        <source>Answer the question below</source>
        <translation>Die Frage unten beantworten</translation>
    </message>
    <message>
        <source>Being written</source>
        <translation>Wird geschrieben</translation>
    </message>
    <message>
        <source>Leave the queue?</source>
        <translation>Warteschlange verlassen?</translation>
    </message>
    <message>
        <source>Stop at step %1?</source>
        <translation>Bei Schritt %1 stoppen?</translation>
    </message>
    <message>
        <source>The run can be put into the queue again later.</source>
        <translation>Der Lauf kann später wieder eingereiht werden.</translation>
    </message>
    <message>
        <source>Leave the queue</source>
        <translation>Warteschlange verlassen</translation>
    </message>
    <message>
        <source>Stop and keep checkpoint</source>
        <translation>Stoppen, Checkpoint behalten</translation>
    </message>
    <message>
        <source>Keep waiting</source>
        <translation>Weiter warten</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter trainieren</translation>
    </message>
    <message>
        <source>Paused at step %1.</source>
        <translation>Pausiert bei Schritt %1.</translation>
    </message>
    <message>
        <source>Try the model</source>
        <translation>Modell ausprobieren</translation>
    </message>
    <message>
        <source>Change settings</source>
        <translation>Einstellungen ändern</translation>
    </message>
    <message>
        <source>Starting.</source>
        <translation>Startet.</translation>
    </message>
    <message>
        <source>The trainer loads data and model.</source>
        <translation>Der Trainer lädt Daten und Modell.</translation>
    </message>
    <message>
        <source>Waiting for its turn.</source>
        <translation>Wartet, bis er an der Reihe ist.</translation>
    </message>
    <message>
        <source>%1 has the device %2 (step %3 of %4).</source>
        <translation>%1 belegt das Gerät %2 (Schritt %3 von %4).</translation>
    </message>
    <message>
        <source>Show that run</source>
        <translation>Diesen Lauf zeigen</translation>
    </message>
    <message>
        <source>Stopped at step %1.</source>
        <translation>Gestoppt bei Schritt %1.</translation>
    </message>
    <message>
        <source>No checkpoint is kept. Resume begins anew.</source>
        <translation>Kein Checkpoint bleibt. Fortsetzen beginnt von vorn.</translation>
    </message>
    <message>
        <source>Its checkpoint is kept. Resume goes on from there.</source>
        <translation>Sein Checkpoint bleibt. Fortsetzen macht dort weiter.</translation>
    </message>
    <message>
        <source>It had not begun. Resume puts it into the queue.</source>
        <translation>Er hatte noch nicht begonnen. Fortsetzen reiht ihn ein.</translation>
    </message>
    <message>
        <source>Finished after %1.</source>
        <translation>Fertig nach %1.</translation>
    </message>
    <message>
        <source>The weights of the best evaluation are in place. Next: try the model, or export it.</source>
        <translation>Die Gewichte der besten Auswertung sind eingesetzt. Als Nächstes: Modell ausprobieren oder exportieren.</translation>
    </message>
    <message>
        <source>The weights of the last step are in place. Next: try the model, or export it.</source>
        <translation>Die Gewichte des letzten Schritts sind eingesetzt. Als Nächstes: das Modell ausprobieren oder exportieren.</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Not available: the run does not go on</source>
        <translation>Nicht verfügbar: Der Lauf läuft nicht</translation>
    </message>
    <message>
        <source>With its checkpoint the run can be continued, tried and exported later. Discarded, its curves alone stay.</source>
        <translation>Mit seinem Checkpoint kann der Lauf später fortgesetzt, ausprobiert und exportiert werden. Verworfen bleiben nur seine Kurven.</translation>
    </message>
    <message>
        <source>Stop and discard</source>
        <translation>Stoppen und verwerfen</translation>
    </message>
    <message>
        <source>The model stays in memory. Learning rate, batch and evaluations may be changed; unchanged, the resumed run is bit-equal.</source>
        <translation>Das Modell bleibt im Speicher. Lernrate, Batch und Auswertungen sind änderbar; unverändert läuft er bitgleich weiter.</translation>
    </message>
    <message>
        <source>Training was interrupted at step %1</source>
        <translation>Das Training wurde bei Schritt %1 unterbrochen</translation>
    </message>
    <message>
        <source>Training failed at step %1</source>
        <translation>Das Training ist bei Schritt %1 fehlgeschlagen</translation>
    </message>
    <message>
        <source>Training failed before its first step</source>
        <translation>Das Training ist vor dem ersten Schritt fehlgeschlagen</translation>
    </message>
    <message>
        <source>Another program ended it, or the system needed the memory.</source>
        <translation>Ein anderes Programm hat es beendet, oder das System brauchte den Speicher.</translation>
    </message>
    <message>
        <source>Resume goes on from the last checkpoint, with the same numbers as without the interruption.</source>
        <translation>Fortsetzen macht beim letzten Checkpoint weiter, mit denselben Zahlen wie ohne Unterbrechung.</translation>
    </message>
    <message>
        <source>Read the end of the log below, put it right, then resume.</source>
        <translation>Das Ende des Protokolls unten lesen, die Ursache beheben, dann fortsetzen.</translation>
    </message>
    <message>
        <source>The run could not be told</source>
        <translation>Der Lauf war nicht erreichbar</translation>
    </message>
    <message>
        <source>The run could not be resumed</source>
        <translation>Der Lauf konnte nicht fortgesetzt werden</translation>
    </message>
</context>
<context>
    <name>luthier::TrainStats</name>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Train loss</source>
        <translation>Train.-Verlust</translation>
    </message>
    <message>
        <source>Val loss</source>
        <translation>Val.-Verlust</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Elapsed</source>
        <translation>Vergangen</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Verbleibend</translation>
    </message>
    <message>
        <source>Epoch %1 of %2</source>
        <translation>Epoche %1 von %2</translation>
    </message>
    <message>
        <source>Epoch %1, run %2</source>
        <translation>Epoche %1, Lauf %2</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>von %1</translation>
    </message>
    <message>
        <source>best %1</source>
        <translation>bester Wert %1</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>Tokens/s</translation>
    </message>
</context>
<context>
    <name>luthier::TryItPage</name>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Open again</source>
        <translation>Erneut öffnen</translation>
    </message>
    <message>
        <source>Nothing to try yet</source>
        <translation>Noch nichts auszuprobieren</translation>
    </message>
    <message>
        <source>When a run has a result, its model answers here, beside the model as it was before.</source>
        <translation>Hat ein Lauf ein Ergebnis, antwortet sein Modell hier, neben dem Modell von vorher.</translation>
    </message>
    <message>
        <source>Go to Preflight</source>
        <translation>Zur Vorprüfung</translation>
    </message>
    <message>
        <source>Opening the model</source>
        <translation>Modell wird geöffnet</translation>
    </message>
    <message>
        <source>No try-out for this kind of model</source>
        <translation>Kein Ausprobieren für diese Art Modell</translation>
    </message>
    <message>
        <source>Models that classify or continue texts can be tried here. luthier-cli predict answers for the others.</source>
        <translation>Modelle, die Texte einordnen oder fortsetzen, lassen sich hier ausprobieren. Für die anderen antwortet luthier-cli predict.</translation>
    </message>
    <message>
        <source>The run has no result yet</source>
        <translation>Der Lauf hat noch kein Ergebnis</translation>
    </message>
    <message>
        <source>As soon as it has ended or is paused, its model answers here.</source>
        <translation>Sobald er beendet oder pausiert ist, antwortet sein Modell hier.</translation>
    </message>
    <message>
        <source>Opening the model of %1</source>
        <translation>Modell von %1 wird geöffnet</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>Lauf %1</translation>
    </message>
</context>
<context>
    <name>luthier::UnfreezeCard</name>
    <message>
        <source>Unfreezing timeline</source>
        <translation>Zeitleiste des Auftauens</translation>
    </message>
    <message>
        <source>When blocks join</source>
        <translation>Wann Blöcke dazukommen</translation>
    </message>
    <message>
        <source>Blocks join from the top down.</source>
        <translation>Blöcke kommen von oben nach unten dazu.</translation>
    </message>
    <message>
        <source>One block per epoch</source>
        <translation>Ein Block je Epoche</translation>
    </message>
    <message>
        <source>Two blocks per epoch</source>
        <translation>Zwei Blöcke je Epoche</translation>
    </message>
    <message>
        <source>One block every half epoch</source>
        <translation>Ein Block jede halbe Epoche</translation>
    </message>
    <message>
        <source>All from the start</source>
        <translation>Alle von Anfang an</translation>
    </message>
    <message>
        <source>When validation stops improving</source>
        <translation>Wenn die Validierung nicht besser wird</translation>
    </message>
    <message>
        <source>As drawn</source>
        <translation>Wie gezeichnet</translation>
    </message>
    <message>
        <source>Rate decay per block</source>
        <translation>Ratenabnahme je Block</translation>
    </message>
    <message>
        <source>Each block learns so many times as fast as the one above it; 1: all alike.</source>
        <translation>Jeder Block lernt so viel mal so schnell wie der darüber; 1: alle gleich.</translation>
    </message>
    <message>
        <source>Back to the defaults</source>
        <translation>Zurück zu den Vorgaben</translation>
    </message>
    <message>
        <source>All options</source>
        <translation>Alle Optionen</translation>
    </message>
    <message>
        <source>blocks by epochs</source>
        <translation>Blöcke nach Epochen</translation>
    </message>
    <message>
        <source>The blocks are shown here when a model is chosen.</source>
        <translation>Die Blöcke werden hier gezeigt, wenn ein Modell gewählt ist.</translation>
    </message>
    <message>
        <source>Drag the left edge of a bar to set when a block starts to train. Double-click a row to freeze it. Keys: left and right move, Delete freezes, Shift selects several.</source>
        <translation>Ziehen Sie die linke Kante eines Balkens dorthin, wo der Block zu trainieren beginnt. Ein Doppelklick friert eine Zeile ein. Tasten: links und rechts verschieben, Entf friert ein, mit Umschalt wählen Sie mehrere.</translation>
    </message>
    <message>
        <source>Trainable by epoch</source>
        <translation>Trainierbar nach Epoche</translation>
    </message>
    <message>
        <source>Memory by epoch, GB</source>
        <translation>Speicher nach Epoche, GB</translation>
    </message>
    <message>
        <source>Unfreezing back to the defaults</source>
        <translation>Auftauen zurück zu den Vorgaben</translation>
    </message>
    <message>
        <source>head</source>
        <translation>Kopf</translation>
    </message>
    <message>
        <source>embeddings</source>
        <translation>Einbettungen</translation>
    </message>
    <message>
        <source>encoder block %1</source>
        <translation>Encoder-Block %1</translation>
    </message>
    <message>
        <source>decoder block %1</source>
        <translation>Decoder-Block %1</translation>
    </message>
    <message>
        <source>block %1</source>
        <translation>Block %1</translation>
    </message>
    <message>
        <source>Trainable</source>
        <translation>Trainierbar</translation>
    </message>
    <message>
        <source>Memory in GB</source>
        <translation>Speicher in GB</translation>
    </message>
    <message>
        <source>%1 joins when the validation stops improving.</source>
        <translation>%1 kommt dazu, wenn die Validierung nicht besser wird.</translation>
    </message>
    <message>
        <source>%1 stays frozen.</source>
        <translation>%1 bleibt eingefroren.</translation>
    </message>
    <message>
        <source>%1 trains from epoch %2 at %3 × %4 = %5.</source>
        <translation>%1 trainiert ab Epoche %2 mit %3 × %4 = %5.</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Unfreezing: %1</source>
        <translation>Auftauen: %1</translation>
    </message>
</context>
<context>
    <name>luthier::UnfreezeTimeline</name>
    <message>
        <source>Unfreezing timeline: %1 of %2 blocks train within %3 epochs</source>
        <translation>Zeitleiste des Auftauens: %1 von %2 Blöcken trainieren innerhalb von %3 Epochen</translation>
    </message>
    <message>
        <source>%1, joins when the validation stops improving</source>
        <translation>%1, kommt dazu, wenn die Validierung nicht besser wird</translation>
    </message>
    <message>
        <source>%1, frozen</source>
        <translation>%1, eingefroren</translation>
    </message>
    <message>
        <source>%1, trains from epoch %2, rate %3</source>
        <translation>%1, trainiert ab Epoche %2, Rate %3</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>Block</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Rate ×</source>
        <translation>Rate ×</translation>
    </message>
    <message>
        <source>at a plateau</source>
        <translation>bei Stillstand</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>eingefroren</translation>
    </message>
</context>
<context>
    <name>luthier::VerdictCard</name>
    <message>
        <source>Finishes</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>Spitzenspeicher</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Datenträger</translation>
    </message>
    <message>
        <source>The recipe has changed since</source>
        <translation>Das Rezept wurde seither geändert</translation>
    </message>
    <message>
        <source>These figures belong to the recipe as it was. Run the preflight again before the start.</source>
        <translation>Diese Zahlen gehören zum früheren Rezept. Vor dem Start die Vorprüfung erneut ausführen.</translation>
    </message>
    <message>
        <source>Blocked by: %1</source>
        <translation>Gesperrt durch: %1</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Ready, with 1 warning</source>
        <translation>Bereit, mit 1 Warnung</translation>
    </message>
    <message>
        <source>Ready, with %1 warnings</source>
        <translation>Bereit, mit %1 Warnungen</translation>
    </message>
    <message>
        <source>A real step took %1 and %2.</source>
        <translation>Ein echter Schritt brauchte %1 und %2.</translation>
    </message>
    <message>
        <source>The dry step was left out: these figures are estimates.</source>
        <translation>Der Probeschritt entfiel: diese Zahlen sind geschätzt.</translation>
    </message>
    <message>
        <source>Nothing blocks the start.</source>
        <translation>Dem Start steht nichts im Weg.</translation>
    </message>
    <message>
        <source>Put right what is red below.</source>
        <translation>Beheben, was unten rot ist.</translation>
    </message>
</context>
</TS>
