<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>&amp;Open…</source>
        <translation>&amp;Öffnen …</translation>
    </message>
    <message>
        <source>Open a picture or a .hpcm file</source>
        <translation>Ein Bild oder eine .hpcm-Datei öffnen</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>&amp;Ordner öffnen …</translation>
    </message>
    <message>
        <source>Compare &amp;two files…</source>
        <translation>&amp;Zwei Dateien vergleichen …</translation>
    </message>
    <message>
        <source>Compare two files that exist, without encoding</source>
        <translation>Zwei vorhandene Dateien vergleichen, ohne zu kodieren</translation>
    </message>
    <message>
        <source>Open sa&amp;mple photograph</source>
        <translation>&amp;Beispielfoto öffnen</translation>
    </message>
    <message>
        <source>Compare with ori&amp;ginal…</source>
        <translation>&amp;Mit Original vergleichen …</translation>
    </message>
    <message>
        <source>Choose the picture that this file was made from</source>
        <translation>Das Bild wählen, aus dem diese Datei entstand</translation>
    </message>
    <message>
        <source>&amp;Save .hpcm…</source>
        <translation>.hpcm &amp;speichern …</translation>
    </message>
    <message>
        <source>Save the compressed file</source>
        <translation>Die komprimierte Datei speichern</translation>
    </message>
    <message>
        <source>Ne&amp;xt picture of the folder</source>
        <translation>Näc&amp;hstes Bild des Ordners</translation>
    </message>
    <message>
        <source>→ too, where the whole picture is in sight</source>
        <translation>Auch →, wenn das ganze Bild zu sehen ist</translation>
    </message>
    <message>
        <source>← too, where the whole picture is in sight</source>
        <translation>Auch ←, wenn das ganze Bild zu sehen ist</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>&amp;Öffnen</translation>
    </message>
    <message>
        <source>Open the &amp;original</source>
        <translation>Das O&amp;riginal öffnen</translation>
    </message>
    <message>
        <source>Show in fol&amp;der</source>
        <translation>&amp;Im Ordner zeigen</translation>
    </message>
    <message>
        <source>&amp;Copy the reason</source>
        <translation>Den Grund &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Retry</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>Über&amp;springen</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Show the file in the desktop&apos;s file manager</source>
        <translation>Die Datei in der Dateiverwaltung zeigen</translation>
    </message>
    <message>
        <source>Show or hide the panel</source>
        <translation>Die Seitenleiste zeigen oder verbergen</translation>
    </message>
    <message>
        <source>The picture alone on the whole screen; Esc leaves</source>
        <translation>Nur das Bild auf dem ganzen Bildschirm; Esc beendet</translation>
    </message>
    <message>
        <source>Write what a picture says about itself into files: EXIF, XMP, IPTC, texts</source>
        <translation>In Dateien schreiben, was ein Bild über sich sagt: EXIF, XMP, IPTC, Texte</translation>
    </message>
    <message>
        <source>Save the &amp;place</source>
        <translation>&amp;Den Ort speichern</translation>
    </message>
    <message>
        <source>Write where a picture was taken into files (GPS)</source>
        <translation>In Dateien schreiben, wo ein Bild aufgenommen wurde (GPS)</translation>
    </message>
    <message>
        <source>Next picture of the file</source>
        <translation>Nächstes Bild der Datei</translation>
    </message>
    <message>
        <source>The next page or frame</source>
        <translation>Die nächste Seite oder das nächste Einzelbild</translation>
    </message>
    <message>
        <source>Previous picture of the file</source>
        <translation>Voriges Bild der Datei</translation>
    </message>
    <message>
        <source>The page or frame before</source>
        <translation>Die Seite oder das Einzelbild davor</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Bee&amp;nden</translation>
    </message>
    <message>
        <source>&amp;Undo recipe</source>
        <translation>Rezept &amp;rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo recipe</source>
        <translation>Rezept &amp;wiederholen</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>Bild &amp;einfügen</translation>
    </message>
    <message>
        <source>Open the picture or file on the clipboard</source>
        <translation>Das Bild oder die Datei aus der Zwischenablage öffnen</translation>
    </message>
    <message>
        <source>&amp;Copy view</source>
        <translation>&amp;Ansicht kopieren</translation>
    </message>
    <message>
        <source>Copy what the canvas shows, as a picture</source>
        <translation>Kopieren, was die Fläche zeigt, als Bild</translation>
    </message>
    <message>
        <source>Copy &amp;file</source>
        <translation>&amp;Datei kopieren</translation>
    </message>
    <message>
        <source>Copy the compressed file, to paste it into a folder</source>
        <translation>Die komprimierte Datei kopieren, um sie in einen Ordner einzufügen</translation>
    </message>
    <message>
        <source>&amp;Reconstruction</source>
        <translation>&amp;Rekonstruktion</translation>
    </message>
    <message>
        <source>Show the reconstruction</source>
        <translation>Die Rekonstruktion zeigen</translation>
    </message>
    <message>
        <source>&amp;Wipe</source>
        <translation>&amp;Blende</translation>
    </message>
    <message>
        <source>Original left, reconstruction right of a divider</source>
        <translation>Original links, Rekonstruktion rechts einer Trennlinie</translation>
    </message>
    <message>
        <source>&amp;Original</source>
        <translation>&amp;Original</translation>
    </message>
    <message>
        <source>Show the original; hold Space to see it for a moment</source>
        <translation>Das Original zeigen; Leertaste halten zeigt es für einen Moment</translation>
    </message>
    <message>
        <source>&amp;Side by side</source>
        <translation>&amp;Nebeneinander</translation>
    </message>
    <message>
        <source>Both pictures, moving together</source>
        <translation>Beide Bilder, gemeinsam bewegt</translation>
    </message>
    <message>
        <source>&amp;Difference</source>
        <translation>&amp;Differenz</translation>
    </message>
    <message>
        <source>Absolute difference of the two pictures</source>
        <translation>Absolute Differenz der beiden Bilder</translation>
    </message>
    <message>
        <source>&amp;Bit map</source>
        <translation>Bit-&amp;Karte</translation>
    </message>
    <message>
        <source>Where the bits of the file went</source>
        <translation>Wohin die Bits der Datei gingen</translation>
    </message>
    <message>
        <source>Next &amp;mode of difference</source>
        <translation>Nächste &amp;Art der Differenz</translation>
    </message>
    <message>
        <source>Absolute, signed, relative to the original, 1 − SSIM or FLIP</source>
        <translation>Absolut, mit Vorzeichen, relativ zum Original, 1 − SSIM oder FLIP</translation>
    </message>
    <message>
        <source>Difference of lum&amp;a only</source>
        <translation>Differenz nur der &amp;Luma</translation>
    </message>
    <message>
        <source>B&amp;y turns (flicker)</source>
        <translation>Im Wechsel (Fli&amp;mmern)</translation>
    </message>
    <message>
        <source>Select what is in sig&amp;ht</source>
        <translation>Si&amp;chtbares auswählen</translation>
    </message>
    <message>
        <source>Pic&amp;tures of the steps</source>
        <translation>Zwischenstand &amp;je Schritt</translation>
    </message>
    <message>
        <source>Show the picture as the decoder has it after each step</source>
        <translation>Das Bild zeigen, wie es der Dekoder nach jedem Schritt hat</translation>
    </message>
    <message>
        <source>More &amp;gain</source>
        <translation>Mehr &amp;Verstärkung</translation>
    </message>
    <message>
        <source>Look through the pictures of a folder, by the arrow keys</source>
        <translation>Die Bilder eines Ordners durchsehen, mit den Pfeiltasten</translation>
    </message>
    <message>
        <source>&amp;Export picture…</source>
        <translation>Bild &amp;exportieren …</translation>
    </message>
    <message>
        <source>Save the picture on show as JPEG, PNG or another format, at a quality and a size</source>
        <translation>Das gezeigte Bild als JPEG, PNG oder in einem anderen Format speichern, in einer Qualität und Größe</translation>
    </message>
    <message>
        <source>Get mode&amp;ls…</source>
        <translation>Mode&amp;lle holen …</translation>
    </message>
    <message>
        <source>Download and install the models that the authors of HPCM have published</source>
        <translation>Die Modelle herunterladen und installieren, die die Urheber von HPCM veröffentlicht haben</translation>
    </message>
    <message>
        <source>Import &amp;checkpoint…</source>
        <translation>&amp;Checkpoint importieren …</translation>
    </message>
    <message>
        <source>Install a model from a checkpoint of its authors</source>
        <translation>Ein Modell aus einem Checkpoint seiner Urheber installieren</translation>
    </message>
    <message>
        <source>Pre&amp;vious picture of the folder</source>
        <translation>&amp;Voriges Bild des Ordners</translation>
    </message>
    <message>
        <source>Panel</source>
        <translation>Seitenleiste</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Save met&amp;adata</source>
        <translation>Me&amp;tadaten speichern</translation>
    </message>
    <message>
        <source>Go back to the recipe or stroke before</source>
        <translation>Zum Rezept oder Pinselstrich davor zurückgehen</translation>
    </message>
    <message>
        <source>Take the recipe or stroke that was undone</source>
        <translation>Das rückgängig gemachte Rezept oder den Pinselstrich wieder nehmen</translation>
    </message>
    <message>
        <source>Pain&amp;t the quality</source>
        <translation>&amp;Qualität malen</translation>
    </message>
    <message>
        <source>Paint which parts are kept better than the rest, or coded more cheaply</source>
        <translation>Malen, was besser bewahrt wird als das Übrige oder sparsamer kodiert</translation>
    </message>
    <message>
        <source>&amp;Next kind of brush</source>
        <translation>Nächster &amp;Pinsel</translation>
    </message>
    <message>
        <source>Keep better, code cheaply, or erase</source>
        <translation>Besser bewahren, sparsam kodieren oder löschen</translation>
    </message>
    <message>
        <source>S&amp;maller brush</source>
        <translation>Pinsel &amp;kleiner</translation>
    </message>
    <message>
        <source>&amp;Larger brush</source>
        <translation>Pinsel &amp;größer</translation>
    </message>
    <message>
        <source>Code the rest c&amp;heaply</source>
        <translation>Das Übrige &amp;sparsam kodieren</translation>
    </message>
    <message>
        <source>&amp;Erase all that is painted</source>
        <translation>Alles Gemalte &amp;löschen</translation>
    </message>
    <message>
        <source>Double the gain of the difference</source>
        <translation>Die Verstärkung der Differenz verdoppeln</translation>
    </message>
    <message>
        <source>Halve the gain of the difference</source>
        <translation>Die Verstärkung der Differenz halbieren</translation>
    </message>
    <message>
        <source>L&amp;ess gain</source>
        <translation>&amp;Weniger Verstärkung</translation>
    </message>
    <message>
        <source>Show original and reconstruction in turn, twice a second</source>
        <translation>Original und Rekonstruktion im Wechsel zeigen, zweimal in der Sekunde</translation>
    </message>
    <message>
        <source>Channels, e&amp;xposure…</source>
        <translation>Kan&amp;äle, Belichtung …</translation>
    </message>
    <message>
        <source>Look at one channel alone, brighter or darker, with another gamma</source>
        <translation>Einen Kanal allein ansehen, heller oder dunkler, mit anderem Gamma</translation>
    </message>
    <message>
        <source>Natural look</source>
        <translation>Natürliche Darstellung</translation>
    </message>
    <message>
        <source>From the faithful picture to the natural look, which invents detail, and back</source>
        <translation>Vom getreuen Bild zur natürlichen Darstellung, die Details erfindet, und zurück</translation>
    </message>
    <message>
        <source>&amp;Loupe</source>
        <translation>L&amp;upe</translation>
    </message>
    <message>
        <source>Both pictures enlarged beside the pointer</source>
        <translation>Beide Bilder vergrößert neben dem Zeiger</translation>
    </message>
    <message>
        <source>Drag with Shift to select any rectangle</source>
        <translation>Mit Umschalt ziehen wählt ein beliebiges Rechteck</translation>
    </message>
    <message>
        <source>Select &amp;nothing</source>
        <translation>Auswahl au&amp;fheben</translation>
    </message>
    <message>
        <source>&amp;Fit</source>
        <translation>&amp;Einpassen</translation>
    </message>
    <message>
        <source>Show the whole picture</source>
        <translation>Das ganze Bild zeigen</translation>
    </message>
    <message>
        <source>&amp;100 %</source>
        <translation>&amp;100 %</translation>
    </message>
    <message>
        <source>One picture pixel per screen pixel</source>
        <translation>Ein Bildpunkt je Bildschirmpunkt</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom o&amp;ut</source>
        <translation>Verkle&amp;inern</translation>
    </message>
    <message>
        <source>&amp;Play the coding steps</source>
        <translation>Kodierschritte ab&amp;spielen</translation>
    </message>
    <message>
        <source>Show where the bits went, one step after the other</source>
        <translation>Zeigen, wohin die Bits gingen, Schritt für Schritt</translation>
    </message>
    <message>
        <source>Steps &amp;cumulative</source>
        <translation>Schritte &amp;zusammengezählt</translation>
    </message>
    <message>
        <source>&amp;Histogram of errors…</source>
        <translation>&amp;Histogramm der Fehler …</translation>
    </message>
    <message>
        <source>How many pixels are off by how much, of the picture or of the selection</source>
        <translation>Wie viele Pixel um wie viel abweichen, im Bild oder in der Auswahl</translation>
    </message>
    <message>
        <source>Show each step together with all before it</source>
        <translation>Jeden Schritt mit allen vor ihm zeigen</translation>
    </message>
    <message>
        <source>&amp;Encode</source>
        <translation>&amp;Kodieren</translation>
    </message>
    <message>
        <source>How much time encoding may take for a smaller file</source>
        <translation>Wie viel Zeit das Kodieren für eine kleinere Datei brauchen darf</translation>
    </message>
    <message>
        <source>Eff&amp;ort…</source>
        <translation>Auf&amp;wand …</translation>
    </message>
    <message>
        <source>&amp;Batch…</source>
        <translation>&amp;Stapel …</translation>
    </message>
    <message>
        <source>Compress many pictures by one recipe</source>
        <translation>Viele Bilder nach einem Rezept komprimieren</translation>
    </message>
    <message>
        <source>&amp;Rate and distortion…</source>
        <translation>&amp;Rate und Verzerrung …</translation>
    </message>
    <message>
        <source>Points of this picture, other formats, published curves</source>
        <translation>Punkte dieses Bildes, andere Formate, veröffentlichte Kurven</translation>
    </message>
    <message>
        <source>&amp;Duel…</source>
        <translation>&amp;Duell …</translation>
    </message>
    <message>
        <source>JPEG, WebP, AVIF and JPEG XL with the bytes of this file, also blind</source>
        <translation>JPEG, WebP, AVIF und JPEG XL mit den Bytes dieser Datei, auch blind</translation>
    </message>
    <message>
        <source>&amp;Latents at a place…</source>
        <translation>&amp;Latents an einer Stelle …</translation>
    </message>
    <message>
        <source>What was coded under the pointer, from which distribution, and what it cost</source>
        <translation>Was unter dem Zeiger kodiert wurde, aus welcher Verteilung und was es kostete</translation>
    </message>
    <message>
        <source>Fi&amp;gure: bits…</source>
        <translation>Abbildun&amp;g: Bits …</translation>
    </message>
    <message>
        <source>A figure of the bits of some steps, to be saved</source>
        <translation>Eine Abbildung der Bits einiger Schritte, zum Speichern</translation>
    </message>
    <message>
        <source>Figure: &amp;attention…</source>
        <translation>Abbildung: A&amp;ufmerksamkeit …</translation>
    </message>
    <message>
        <source>Where attention looks when contexts are fused; of Base and Large</source>
        <translation>Wohin die Aufmerksamkeit blickt, wenn Kontexte verschmolzen werden; bei Base und Large</translation>
    </message>
    <message>
        <source>Figure: receptive &amp;fields…</source>
        <translation>Abbildung: rezeptive &amp;Felder …</translation>
    </message>
    <message>
        <source>How far the latents around move what a step predicts</source>
        <translation>Wie weit die Latents ringsum bewegen, was ein Schritt vorhersagt</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Change between light and dark</source>
        <translation>Zwischen Hell und Dunkel wechseln</translation>
    </message>
    <message>
        <source>Light or dar&amp;k</source>
        <translation>&amp;Hell oder dunkel</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>E&amp;instellungen …</translation>
    </message>
    <message>
        <source>Device, threads, colours and folders</source>
        <translation>Gerät, Threads, Farben und Ordner</translation>
    </message>
    <message>
        <source>&amp;Commands…</source>
        <translation>&amp;Befehle …</translation>
    </message>
    <message>
        <source>Find and run any command</source>
        <translation>Jeden Befehl finden und ausführen</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
    <message>
        <source>All keys at a glance</source>
        <translation>Alle Tasten auf einen Blick</translation>
    </message>
    <message>
        <source>Open &amp;log folder</source>
        <translation>&amp;Protokollordner öffnen</translation>
    </message>
    <message>
        <source>Show the folder of the log files</source>
        <translation>Den Ordner der Protokolldateien zeigen</translation>
    </message>
    <message>
        <source>&amp;About HPCM Studio</source>
        <translation>&amp;Über HPCM Studio</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Codec</source>
        <translation>&amp;Codec</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>Why the selected row has its state</source>
        <translation>Warum die gewählte Zeile ihren Zustand hat</translation>
    </message>
    <message>
        <source>Add pictures…</source>
        <translation>Bilder hinzufügen …</translation>
    </message>
    <message>
        <source>Add pictures to the batch</source>
        <translation>Bilder zum Stapel hinzufügen</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Add the pictures of a folder</source>
        <translation>Die Bilder eines Ordners hinzufügen</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Retry the selected or all failed rows</source>
        <translation>Die gewählten oder alle gescheiterten Zeilen wiederholen</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Skip the selected rows</source>
        <translation>Die gewählten Zeilen überspringen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove the selected rows</source>
        <translation>Die gewählten Zeilen entfernen</translation>
    </message>
    <message>
        <source>Pictures of the batch</source>
        <translation>Bilder des Stapels</translation>
    </message>
    <message>
        <source>What to make</source>
        <translation>Was entstehen soll</translation>
    </message>
    <message>
        <source>As in the window</source>
        <translation>Wie im Fenster</translation>
    </message>
    <message>
        <source>Use the recipe of the main window</source>
        <translation>Das Rezept des Hauptfensters nehmen</translation>
    </message>
    <message>
        <source>Load…</source>
        <translation>Laden …</translation>
    </message>
    <message>
        <source>Load a recipe from a file</source>
        <translation>Ein Rezept aus einer Datei laden</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Save the recipe to a file</source>
        <translation>Das Rezept in eine Datei speichern</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Choose the folder of the output</source>
        <translation>Den Ordner der Ausgabe wählen</translation>
    </message>
    <message>
        <source>Beside pictures</source>
        <translation>Neben die Bilder</translation>
    </message>
    <message>
        <source>Put each file beside its picture</source>
        <translation>Jede Datei neben ihr Bild legen</translation>
    </message>
    <message>
        <source>Name of each file: stem, suffix, model, quality and lambda in braces</source>
        <translation>Name jeder Datei: stem, suffix, model, quality und lambda in geschweiften Klammern</translation>
    </message>
    <message>
        <source>Skip where the output exists</source>
        <translation>Überspringen, wo die Ausgabe besteht</translation>
    </message>
    <message>
        <source>Skip where the file would be larger</source>
        <translation>Überspringen, wo die Datei größer würde</translation>
    </message>
    <message>
        <source>Skip below this gain in percent</source>
        <translation>Unter diesem Gewinn in Prozent überspringen</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Skip below a gain of</source>
        <translation>Überspringen unter einem Gewinn von</translation>
    </message>
    <message>
        <source>State of the batch</source>
        <translation>Stand des Stapels</translation>
    </message>
    <message>
        <source>Progress of the batch</source>
        <translation>Fortschritt des Stapels</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Bericht speichern …</translation>
    </message>
    <message>
        <source>Save the report as CSV</source>
        <translation>Den Bericht als CSV speichern</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop the batch</source>
        <translation>Den Stapel anhalten</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start or pause the batch</source>
        <translation>Den Stapel starten oder unterbrechen</translation>
    </message>
    <message>
        <source>Beside each picture</source>
        <translation>Neben jedem Bild</translation>
    </message>
    <message>
        <source>Looking for pictures…</source>
        <translation>Bilder werden gesucht …</translation>
    </message>
    <message>
        <source>{finished} of {total}</source>
        <translation>{finished} von {total}</translation>
    </message>
    <message>
        <source>{count} skipped</source>
        <translation>{count} übersprungen</translation>
    </message>
    <message>
        <source>{count} failed</source>
        <translation>{count} gescheitert</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Einen Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Folder of the output</source>
        <translation>Ordner der Ausgabe</translation>
    </message>
    <message>
        <source>Drop pictures or folders here</source>
        <translation>Bilder oder Ordner hier ablegen</translation>
    </message>
    <message>
        <source>All of them are compressed by one recipe; the originals stay as they are.</source>
        <translation>Alle werden nach einem Rezept komprimiert; die Originale bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>this file</source>
        <translation>diese Datei</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Stand</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Erspart</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>Verstärkung</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Picture canvas</source>
        <translation>Bildfläche</translation>
    </message>
    <message>
        <source>Rate and distortion</source>
        <translation>Rate und Verzerrung</translation>
    </message>
    <message>
        <source>Measure of quality</source>
        <translation>Maß der Qualität</translation>
    </message>
    <message>
        <source>Published Kodak curves</source>
        <translation>Veröffentlichte Kodak-Kurven</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Measure whole curves, or stop</source>
        <translation>Ganze Kurven messen, oder aufhören</translation>
    </message>
    <message>
        <source>Encode the picture that is open at several rates: with each installed model, and in other formats</source>
        <translation>Das offene Bild mit mehreren Raten kodieren: mit jedem installierten Modell und in anderen Formaten</translation>
    </message>
    <message>
        <source>Save the curves as PNG, SVG or CSV</source>
        <translation>Die Kurven als PNG, SVG oder CSV speichern</translation>
    </message>
    <message>
        <source>What is being measured</source>
        <translation>Was gerade gemessen wird</translation>
    </message>
    <message>
        <source>Chart of quality over bits per pixel</source>
        <translation>Diagramm der Qualität über Bits pro Pixel</translation>
    </message>
    <message>
        <source>Curve to compare</source>
        <translation>Kurve, die verglichen wird</translation>
    </message>
    <message>
        <source>Curve to compare with</source>
        <translation>Kurve, mit der verglichen wird</translation>
    </message>
    <message>
        <source>Curve</source>
        <translation>Kurve</translation>
    </message>
    <message>
        <source>against</source>
        <translation>gegen</translation>
    </message>
    <message>
        <source>BD-rate between the two curves</source>
        <translation>BD-Rate zwischen den beiden Kurven</translation>
    </message>
    <message>
        <source>Published curves are means over the 24 Kodak pictures; all others are of this picture. A click on a point takes its recipe.</source>
        <translation>Veröffentlichte Kurven sind Mittelwerte über die 24 Kodak-Bilder; alle anderen sind von diesem Bild. Ein Klick auf einen Punkt übernimmt sein Rezept.</translation>
    </message>
    <message>
        <source>{rate} bpp, {value} dB</source>
        <translation>{rate} bpp, {value} dB</translation>
    </message>
    <message>
        <source>Bits per pixel</source>
        <translation>Bits pro Pixel</translation>
    </message>
    <message>
        <source>Choose two curves for their BD-rate.</source>
        <translation>Zwei Kurven wählen für ihre BD-Rate.</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Export the picture</source>
        <translation>Bild exportieren</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>Metadaten</translation>
    </message>
    <message>
        <source>Which picture</source>
        <translation>Welches Bild</translation>
    </message>
    <message>
        <source>Format of the file</source>
        <translation>Format der Datei</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Keep every sample; the file is several times as large</source>
        <translation>Jeden Bildwert behalten; die Datei wird ein Mehrfaches so groß</translation>
    </message>
    <message>
        <source>Every sample is kept.</source>
        <translation>Jeder Bildwert bleibt erhalten.</translation>
    </message>
    <message>
        <source>As it is</source>
        <translation>Unverändert</translation>
    </message>
    <message>
        <source>Longest side</source>
        <translation>Längste Seite</translation>
    </message>
    <message>
        <source>Percent</source>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>Size of the picture</source>
        <translation>Größe des Bildes</translation>
    </message>
    <message>
        <source>Longest side in pixels</source>
        <translation>Längste Seite in Pixeln</translation>
    </message>
    <message>
        <source>A picture is never made larger.</source>
        <translation>Ein Bild wird nie vergrößert.</translation>
    </message>
    <message>
        <source>Percent of width and height</source>
        <translation>Prozent von Breite und Höhe</translation>
    </message>
    <message>
        <source>Width and height in pixels</source>
        <translation>Breite und Höhe in Pixeln</translation>
    </message>
    <message>
        <source>Size of the file</source>
        <translation>Größe der Datei</translation>
    </message>
    <message>
        <source>What the file lacks, or why there is none</source>
        <translation>Was der Datei fehlt, oder warum es keine gibt</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Without {things}.</source>
        <translation>Ohne {things}.</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} Bytes</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>Werkzeugleiste</translation>
    </message>
    <message>
        <source>About HPCM Studio</source>
        <translation>Über HPCM Studio</translation>
    </message>
    <message>
        <source>Compress pictures with HPCM, a learned image codec, and see what compression did to them.</source>
        <translation>Komprimieren Sie Bilder mit HPCM, einem gelernten Bildcodec, und sehen Sie, was die Kompression mit ihnen macht.</translation>
    </message>
    <message>
        <source>quality {value}</source>
        <translation>Qualität {value}</translation>
    </message>
    <message>
        <source>at most {value}</source>
        <translation>höchstens {value}</translation>
    </message>
    <message>
        <source>at least {value}</source>
        <translation>mindestens {value}</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Reconstruction</source>
        <translation>Rekonstruktion</translation>
    </message>
    <message>
        <source>painted</source>
        <translation>bemalt</translation>
    </message>
    <message>
        <source>outdated</source>
        <translation>veraltet</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>HPCM files</source>
        <translation>HPCM-Dateien</translation>
    </message>
    <message>
        <source>Pictures and .hpcm files</source>
        <translation>Bilder und .hpcm-Dateien</translation>
    </message>
    <message>
        <source>Choose the original picture</source>
        <translation>Das Originalbild wählen</translation>
    </message>
    <message>
        <source>Choose the first file, the original</source>
        <translation>Die erste Datei wählen, das Original</translation>
    </message>
    <message>
        <source>Choose the second file, to compare with the first</source>
        <translation>Die zweite Datei wählen, zum Vergleich mit der ersten</translation>
    </message>
    <message>
        <source>Add pictures</source>
        <translation>Bilder hinzufügen</translation>
    </message>
    <message>
        <source>Choose a checkpoint</source>
        <translation>Einen Checkpoint wählen</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>Load a recipe</source>
        <translation>Ein Rezept laden</translation>
    </message>
    <message>
        <source>Recipes</source>
        <translation>Rezepte</translation>
    </message>
    <message>
        <source>Save the recipe</source>
        <translation>Das Rezept speichern</translation>
    </message>
    <message>
        <source>Save the curves</source>
        <translation>Kurven speichern</translation>
    </message>
    <message>
        <source>Save the histogram</source>
        <translation>Histogramm speichern</translation>
    </message>
    <message>
        <source>Save the latents</source>
        <translation>Latents speichern</translation>
    </message>
    <message>
        <source>Save the figure</source>
        <translation>Abbildung speichern</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Den Bericht speichern</translation>
    </message>
    <message>
        <source>Absolute</source>
        <translation>Absolut</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>Vorzeichen</translation>
    </message>
    <message>
        <source>Relative</source>
        <translation>Relativ</translation>
    </message>
    <message>
        <source>1 − SSIM</source>
        <translation>1 − SSIM</translation>
    </message>
    <message>
        <source>FLIP</source>
        <translation>FLIP</translation>
    </message>
    <message>
        <source>Colour scale from 0 to {end} bits per pixel</source>
        <translation>Farbskala von 0 bis {end} Bits pro Pixel</translation>
    </message>
    <message>
        <source>Gain of the difference</source>
        <translation>Verstärkung der Differenz</translation>
    </message>
    <message>
        <source>Mode of the difference</source>
        <translation>Art der Differenz</translation>
    </message>
    <message>
        <source>Channel that is shown</source>
        <translation>Kanal, der gezeigt wird</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Gamma</source>
        <translation>Gamma</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Show the colours as they are</source>
        <translation>Die Farben zeigen, wie sie sind</translation>
    </message>
    <message>
        <source>Luma</source>
        <translation>Luma</translation>
    </message>
    <message>
        <source>Absolute, signed, relative to the original, 1 − SSIM or FLIP (M)</source>
        <translation>Absolut, mit Vorzeichen, relativ zum Original, 1 − SSIM oder FLIP (M)</translation>
    </message>
    <message>
        <source>Difference of luma only</source>
        <translation>Differenz nur der Luma</translation>
    </message>
    <message>
        <source>Luma only (Y)</source>
        <translation>Nur Luma (Y)</translation>
    </message>
    <message>
        <source>Opacity of the bit map</source>
        <translation>Deckkraft der Bit-Karte</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Absolute difference, in 8-bit levels</source>
        <translation>Absolute Differenz, in 8-Bit-Stufen</translation>
    </message>
    <message>
        <source>Signed difference, in 8-bit levels</source>
        <translation>Differenz mit Vorzeichen, in 8-Bit-Stufen</translation>
    </message>
    <message>
        <source>Difference relative to the original</source>
        <translation>Differenz relativ zum Original</translation>
    </message>
    <message>
        <source>1 − SSIM, as large as it is shown</source>
        <translation>1 − SSIM, so groß wie gezeigt</translation>
    </message>
    <message>
        <source>FLIP: what is noticed when the two pictures take turns, from 0 to 1</source>
        <translation>FLIP: was auffällt, wenn die beiden Bilder sich abwechseln, von 0 bis 1</translation>
    </message>
    <message>
        <source>of luma</source>
        <translation>der Luma</translation>
    </message>
    <message>
        <source>of all channels</source>
        <translation>aller Kanäle</translation>
    </message>
    <message>
        <source>of each channel</source>
        <translation>jedes Kanals</translation>
    </message>
    <message>
        <source>from {low} to {high}</source>
        <translation>von {low} bis {high}</translation>
    </message>
    <message>
        <source>Difference of luma</source>
        <translation>Differenz der Luma</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>Signed difference of luma</source>
        <translation>Differenz der Luma mit Vorzeichen</translation>
    </message>
    <message>
        <source>Signed difference</source>
        <translation>Differenz mit Vorzeichen</translation>
    </message>
    <message>
        <source>Relative difference of luma</source>
        <translation>Relative Differenz der Luma</translation>
    </message>
    <message>
        <source>Relative difference</source>
        <translation>Relative Differenz</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>all steps</source>
        <translation>alle Schritte</translation>
    </message>
    <message>
        <source>z and step 1</source>
        <translation>z und Schritt 1</translation>
    </message>
    <message>
        <source>z and steps 1 to {last}</source>
        <translation>z und Schritte 1 bis {last}</translation>
    </message>
    <message>
        <source>hyperprior z</source>
        <translation>Hyperprior z</translation>
    </message>
    <message>
        <source>Lossless</source>
        <translation>Verlustfrei</translation>
    </message>
    <message>
        <source>Natural, invented detail</source>
        <translation>Natürlich, erfundene Details</translation>
    </message>
    <message>
        <source>Natural {percent} %, invented detail</source>
        <translation>Natürlich {percent} %, erfundene Details</translation>
    </message>
    <message>
        <source>effort {value}</source>
        <translation>Aufwand {value}</translation>
    </message>
    <message>
        <source>red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>Grau</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>Grau</translation>
    </message>
    <message>
        <source>Hyperprior z: side information, coded first. The spread and middle of everything after it are predicted from it.</source>
        <translation>Hyperprior z: Nebeninformation, zuerst kodiert. Daraus werden Streuung und Mitte von allem vorhergesagt, was folgt.</translation>
    </message>
    <message>
        <source>What the samples of one colour took, each given the pixels before it and the colours before it there.</source>
        <translation>Was die Werte einer Farbe gekostet haben, jeder bei Kenntnis der Pixel davor und der Farben davor im selben Pixel.</translation>
    </message>
    <message>
        <source>Coding step {number} of {last}: a part of the latents, predicted from z and all steps before. Early steps hold the coarse picture, late ones its detail.</source>
        <translation>Kodierschritt {number} von {last}: ein Teil der Latenten, vorhergesagt aus z und allen Schritten davor. Frühe Schritte halten das grobe Bild, späte seine Einzelheiten.</translation>
    </message>
    <message>
        <source>all colours</source>
        <translation>alle Farben</translation>
    </message>
    <message>
        <source>step {number}</source>
        <translation>Schritt {number}</translation>
    </message>
    <message>
        <source>Space, held</source>
        <translation>Leertaste, gehalten</translation>
    </message>
    <message>
        <source>Show the original for as long as it is held</source>
        <translation>Das Original zeigen, solange sie gehalten wird</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>Am Zeiger vergrößern</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>Ziehen</translation>
    </message>
    <message>
        <source>Move the picture, or the divider of the wipe</source>
        <translation>Das Bild bewegen oder die Trennlinie der Blende</translation>
    </message>
    <message>
        <source>Drag with the brush</source>
        <translation>Mit dem Pinsel ziehen</translation>
    </message>
    <message>
        <source>Paint what is kept better, or coded cheaply</source>
        <translation>Malen, was besser bewahrt oder sparsam kodiert wird</translation>
    </message>
    <message>
        <source>Shift+Drag</source>
        <translation>Umschalt+Ziehen</translation>
    </message>
    <message>
        <source>Select a rectangle and measure it</source>
        <translation>Ein Rechteck wählen und messen</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Between the whole picture and 100 %</source>
        <translation>Zwischen ganzem Bild und 100 %</translation>
    </message>
    <message>
        <source>Arrow keys</source>
        <translation>Pfeiltasten</translation>
    </message>
    <message>
        <source>Move the picture</source>
        <translation>Das Bild bewegen</translation>
    </message>
    <message>
        <source>Shift+Left, Right</source>
        <translation>Umschalt+Links, Rechts</translation>
    </message>
    <message>
        <source>Move the divider of the wipe</source>
        <translation>Die Trennlinie der Blende bewegen</translation>
    </message>
    <message>
        <source>Click on a figure</source>
        <translation>Klick auf einen Wert</translation>
    </message>
    <message>
        <source>Copy its exact value</source>
        <translation>Den genauen Wert kopieren</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>Einen Befehl eingeben</translation>
    </message>
    <message>
        <source>Search for a command</source>
        <translation>Einen Befehl suchen</translation>
    </message>
    <message>
        <source>Commands that match</source>
        <translation>Passende Befehle</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Mouse and held keys</source>
        <translation>Maus und gehaltene Tasten</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>Dateigröße</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Taste</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodieren</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>Dekodieren</translation>
    </message>
    <message>
        <source>Blind</source>
        <translation>Blind</translation>
    </message>
    <message>
        <source>Figures of the duel</source>
        <translation>Zahlen des Duells</translation>
    </message>
    <message>
        <source>Show this picture beside others; its key shows it alone</source>
        <translation>Dieses Bild neben anderen zeigen; seine Taste zeigt es allein</translation>
    </message>
    <message>
        <source>{points} of {rounds}</source>
        <translation>{points} von {rounds}</translation>
    </message>
    <message>
        <source>Size beside the original&apos;s</source>
        <translation>Größe neben der des Originals</translation>
    </message>
    <message>
        <source>Compare with original…</source>
        <translation>Mit Original vergleichen …</translation>
    </message>
    <message>
        <source>Choose the original to compare with</source>
        <translation>Das Original zum Vergleich wählen</translation>
    </message>
    <message>
        <source>PSNR and MS-SSIM need the picture that this file was made from</source>
        <translation>PSNR und MS-SSIM brauchen das Bild, aus dem diese Datei entstand</translation>
    </message>
    <message>
        <source>Of the faithful picture</source>
        <translation>Vom getreuen Bild</translation>
    </message>
    <message>
        <source>Outdated</source>
        <translation>Veraltet</translation>
    </message>
    <message>
        <source>Every pixel is kept, by {coder}.</source>
        <translation>Jedes Pixel ist bewahrt, durch {coder}.</translation>
    </message>
    <message>
        <source>{count} bytes, header and metadata included</source>
        <translation>{count} Bytes, mit Kopf und Metadaten</translation>
    </message>
    <message>
        <source>Of the codec&apos;s RGB samples, over all channels</source>
        <translation>Der RGB-Werte des Codecs, über alle Kanäle</translation>
    </message>
    <message>
        <source>The picture is too small for five scales</source>
        <translation>Das Bild ist zu klein für fünf Skalen</translation>
    </message>
    <message>
        <source>of {size}, {percent} % smaller</source>
        <translation>von {size}, {percent} % kleiner</translation>
    </message>
    <message>
        <source>of {size}, {percent} % larger</source>
        <translation>von {size}, {percent} % größer</translation>
    </message>
    <message>
        <source>Size of the original&apos;s file, and what the result saves of it</source>
        <translation>Größe der Datei des Originals, und was das Ergebnis davon spart</translation>
    </message>
    <message>
        <source>Not in the picture: {things}.</source>
        <translation>Nicht im Bild: {things}.</translation>
    </message>
    <message>
        <source>High dynamic range is shown toned down.</source>
        <translation>Hoher Dynamikumfang wird abgemildert gezeigt.</translation>
    </message>
    <message>
        <source>Without loading the model</source>
        <translation>Ohne das Laden des Modells</translation>
    </message>
    <message>
        <source>{rate} megapixels per second, without loading the model</source>
        <translation>{rate} Megapixel pro Sekunde, ohne das Laden des Modells</translation>
    </message>
    <message>
        <source>{ratio} of the uncompressed samples</source>
        <translation>{ratio} der unkomprimierten Werte</translation>
    </message>
    <message>
        <source>Model and quality</source>
        <translation>Modell und Qualität</translation>
    </message>
    <message>
        <source>What the rate is given as</source>
        <translation>Als was die Rate angegeben wird</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Rate given as</source>
        <translation>Rate als</translation>
    </message>
    <message>
        <source>Quality as a number</source>
        <translation>Qualität als Zahl</translation>
    </message>
    <message>
        <source>Effort of encoding</source>
        <translation>Aufwand beim Kodieren</translation>
    </message>
    <message>
        <source>Quick</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Smallest file</source>
        <translation>Kleinste Datei</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>How long the coder looks for a smaller file; the picture stays the same.</source>
        <translation>Wie lange der Kodierer nach einer kleineren Datei sucht; das Bild bleibt dasselbe.</translation>
    </message>
    <message>
        <source>The latents as the networks give them: as quick as it is.</source>
        <translation>Die Latents, wie die Netze sie liefern: so schnell es geht.</translation>
    </message>
    <message>
        <source>Better latents are looked for by gradient, in {steps} steps. Measured at effort 1: 6 to 16 % fewer bytes at the same PSNR, most at high quality; efforts above it gain little more.</source>
        <translation>Bessere Latents werden mit Gradienten gesucht, in {steps} Schritten. Gemessen bei Aufwand 1: 6 bis 16 % weniger Bytes bei gleichem PSNR, am meisten bei hoher Qualität; mehr Aufwand bringt wenig mehr.</translation>
    </message>
    <message>
        <source>This picture takes {time} of processor time, roughly.</source>
        <translation>Dieses Bild braucht ungefähr {time} Prozessorzeit.</translation>
    </message>
    <message>
        <source>It is encoded when you press Encode, and can be cancelled. Decoding stays as quick as it is.</source>
        <translation>Kodiert wird es, wenn Sie auf Kodieren drücken, und das lässt sich abbrechen. Dekodieren bleibt so schnell, wie es ist.</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} s</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} min</translation>
    </message>
    <message>
        <source>Best picture</source>
        <translation>Bestes Bild</translation>
    </message>
    <message>
        <source>A .hpcm file is open. To encode it anew, choose the picture that it was made from.</source>
        <translation>Eine .hpcm-Datei ist offen. Um sie neu zu kodieren, wählen Sie das Bild, aus dem sie entstand.</translation>
    </message>
    <message>
        <source>Encode with effort {value}</source>
        <translation>Kodieren mit Aufwand {value}</translation>
    </message>
    <message>
        <source>Every pixel is kept, so there is no quality to choose. Inside the file is {coder}.</source>
        <translation>Jedes Pixel wird bewahrt, also gibt es keine Qualität zu wählen. In der Datei steckt {coder}.</translation>
    </message>
    <message>
        <source>Metric that the model was trained for</source>
        <translation>Maß, für das das Modell trainiert wurde</translation>
    </message>
    <message>
        <source>Lambda</source>
        <translation>Lambda</translation>
    </message>
    <message>
        <source>Import a checkpoint</source>
        <translation>Einen Checkpoint importieren</translation>
    </message>
    <message>
        <source>Variant of the model</source>
        <translation>Variante des Modells</translation>
    </message>
    <message>
        <source>Lambda that the model was trained for</source>
        <translation>Lambda, für das das Modell trainiert wurde</translation>
    </message>
    <message>
        <source>such as {example}</source>
        <translation>zum Beispiel {example}</translation>
    </message>
    <message>
        <source>Trained for</source>
        <translation>Trainiert für</translation>
    </message>
    <message>
        <source>λ (rate)</source>
        <translation>λ (Rate)</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>Only tensors are read; no code in the file is ever run.</source>
        <translation>Nur Tensoren werden gelesen; kein Code der Datei wird je ausgeführt.</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Encode when the quality changes</source>
        <translation>Kodieren, wenn sich die Qualität ändert</translation>
    </message>
    <message>
        <source>Encode</source>
        <translation>Kodieren</translation>
    </message>
    <message>
        <source>Encode or cancel</source>
        <translation>Kodieren oder abbrechen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Not in this build</source>
        <translation>Nicht enthalten</translation>
    </message>
    <message>
        <source>Bundled</source>
        <translation>Enthalten</translation>
    </message>
    <message>
        <source>{count} of {total}</source>
        <translation>{count} von {total}</translation>
    </message>
    <message>
        <source>Model {name}: {count} of {total} installed</source>
        <translation>Modell {name}: {count} von {total} installiert</translation>
    </message>
    <message>
        <source>Not installed</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>Installiert</translation>
    </message>
    <message>
        <source>Stopped at {percent}</source>
        <translation>Bei {percent} angehalten</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>What the brush does</source>
        <translation>Was der Pinsel tut</translation>
    </message>
    <message>
        <source>Keep better, code cheaply, or erase (N)</source>
        <translation>Besser bewahren, sparsam kodieren oder löschen (N)</translation>
    </message>
    <message>
        <source>Size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>Size of the brush in picture pixels (, and .)</source>
        <translation>Größe des Pinsels in Bildpunkten (, und .)</translation>
    </message>
    <message>
        <source>Rest cheaply</source>
        <translation>Übriges sparsam</translation>
    </message>
    <message>
        <source>Paint everything that is not painted to be coded cheaply</source>
        <translation>Alles Unbemalte so bemalen, dass es sparsam kodiert wird</translation>
    </message>
    <message>
        <source>Erase all</source>
        <translation>Alles löschen</translation>
    </message>
    <message>
        <source>Take away everything that is painted</source>
        <translation>Alles Gemalte wegnehmen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Time per megapixel</source>
        <translation>Zeit je Megapixel</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Bits per pixel that its authors give: the mean over the Kodak pictures</source>
        <translation>Bit pro Pixel nach Angabe der Urheber: Mittel über die Kodak-Bilder</translation>
    </message>
    <message>
        <source>PSNR, or MS-SSIM where it was trained for that: the mean over the Kodak pictures, as its authors give it</source>
        <translation>PSNR, oder MS-SSIM, wo es dafür trainiert wurde: Mittel über die Kodak-Bilder nach Angabe der Urheber</translation>
    </message>
    <message>
        <source>On the disk, when it is installed</source>
        <translation>Auf der Festplatte, wenn es installiert ist</translation>
    </message>
    <message>
        <source>To encode a megapixel on this machine: measured with Base, counted for the others</source>
        <translation>Um ein Megapixel auf diesem Rechner zu kodieren: mit Base gemessen, für die anderen berechnet</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>not installed</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>Ask whoever made it for its checkpoint, then {import_it}.</source>
        <translation>Bitten Sie den Urheber um seinen Checkpoint, dann {import_it}.</translation>
    </message>
    <message>
        <source>Get models</source>
        <translation>Modelle holen</translation>
    </message>
    <message>
        <source>this page</source>
        <translation>dieser Seite</translation>
    </message>
    <message>
        <source>The authors of HPCM have published these models on {page}, under the MIT licence. Each λ is a model of its own. Nothing is downloaded before you ask for it.</source>
        <translation>Die Urheber von HPCM haben diese Modelle auf {page} unter der MIT-Lizenz veröffentlicht. Jedes λ ist ein eigenes Modell. Nichts wird heruntergeladen, bevor Sie es verlangen.</translation>
    </message>
    <message>
        <source>Published models</source>
        <translation>Veröffentlichte Modelle</translation>
    </message>
    <message>
        <source>Their authors (Google Drive)</source>
        <translation>den Urhebern (Google Drive)</translation>
    </message>
    <message>
        <source>A mirror, or a folder</source>
        <translation>einem Spiegel oder Ordner</translation>
    </message>
    <message>
        <source>Where models come from</source>
        <translation>Woher die Modelle kommen</translation>
    </message>
    <message>
        <source>Address or folder of the mirror</source>
        <translation>Adresse oder Ordner des Spiegels</translation>
    </message>
    <message>
        <source>https://… or a folder</source>
        <translation>https://… oder ein Ordner</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner …</translation>
    </message>
    <message>
        <source>Choose the folder of the mirror</source>
        <translation>Den Ordner des Spiegels wählen</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Progress of all models</source>
        <translation>Fortschritt aller Modelle</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>Aus einer Datei …</translation>
    </message>
    <message>
        <source>Install the selected model from a file</source>
        <translation>Das gewählte Modell aus einer Datei installieren</translation>
    </message>
    <message>
        <source>Stop getting models</source>
        <translation>Keine Modelle mehr holen</translation>
    </message>
    <message>
        <source>Get</source>
        <translation>Holen</translation>
    </message>
    <message>
        <source>Get the selected models</source>
        <translation>Die gewählten Modelle holen</translation>
    </message>
    <message>
        <source>Get all {count} of {model}, {metric}</source>
        <translation>Alle {count} von {model}, {metric} holen</translation>
    </message>
    <message>
        <source>{count} models, {size}</source>
        <translation>{count} Modelle, {size}</translation>
    </message>
    <message>
        <source>&amp;Get</source>
        <translation>&amp;Holen</translation>
    </message>
    <message>
        <source>From a &amp;file…</source>
        <translation>Aus einer &amp;Datei …</translation>
    </message>
    <message>
        <source>Open its &amp;page</source>
        <translation>Seine &amp;Seite öffnen</translation>
    </message>
    <message>
        <source>&amp;Throw away what has come</source>
        <translation>Was gekommen ist, &amp;wegwerfen</translation>
    </message>
    <message>
        <source>Folder of the mirror</source>
        <translation>Ordner des Spiegels</translation>
    </message>
    <message>
        <source>{get_it}; or, if you have its checkpoint, {import_it}.</source>
        <translation>{get_it}; oder, wenn Sie seinen Checkpoint haben, {import_it}.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation>Holen Sie es</translation>
    </message>
    <message>
        <source>import it</source>
        <translation>importieren Sie ihn</translation>
    </message>
    <message>
        <source>This model is not installed.</source>
        <translation>Dieses Modell ist nicht installiert.</translation>
    </message>
    <message>
        <source>Bits of the payload</source>
        <translation>Bits der Nutzlast</translation>
    </message>
    <message>
        <source>Selection</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>{size} at {place}</source>
        <translation>{size} bei {place}</translation>
    </message>
    <message>
        <source>From the bit map, without header and metadata</source>
        <translation>Aus der Bit-Karte, ohne Kopf und Metadaten</translation>
    </message>
    <message>
        <source>Payload only</source>
        <translation>Nur die Nutzlast</translation>
    </message>
    <message>
        <source>Being measured</source>
        <translation>Wird gemessen</translation>
    </message>
    <message>
        <source>Needs the original</source>
        <translation>Braucht das Original</translation>
    </message>
    <message>
        <source>Of the codec&apos;s samples, over all channels</source>
        <translation>Der Werte des Codecs, über alle Kanäle</translation>
    </message>
    <message>
        <source>Too small for five scales: both sides need 161 pixels</source>
        <translation>Zu klein für fünf Skalen: beide Seiten brauchen 161 Pixel</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Look into the file</source>
        <translation>In die Datei hineinsehen</translation>
    </message>
    <message>
        <source>Latents at a place</source>
        <translation>Latents an einer Stelle</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Receptive fields</source>
        <translation>Rezeptive Felder</translation>
    </message>
    <message>
        <source>One channel</source>
        <translation>Ein Kanal</translation>
    </message>
    <message>
        <source>What is looked at</source>
        <translation>Was angesehen wird</translation>
    </message>
    <message>
        <source>First step</source>
        <translation>Erster Schritt</translation>
    </message>
    <message>
        <source>Last step</source>
        <translation>Letzter Schritt</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Head of attention</source>
        <translation>Kopf der Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Zeichnen</translation>
    </message>
    <message>
        <source>Draw the figure or stop</source>
        <translation>Die Abbildung zeichnen oder anhalten</translation>
    </message>
    <message>
        <source>Latents that had informed the step</source>
        <translation>Latents, von denen der Schritt wusste</translation>
    </message>
    <message>
        <source>This channel over the picture</source>
        <translation>Dieser Kanal über das Bild</translation>
    </message>
    <message>
        <source>Show the chosen channel over the picture</source>
        <translation>Den gewählten Kanal über das Bild zeigen</translation>
    </message>
    <message>
        <source>Progress of looking</source>
        <translation>Fortschritt des Hineinsehens</translation>
    </message>
    <message>
        <source>Save what is shown</source>
        <translation>Speichern, was gezeigt wird</translation>
    </message>
    <message>
        <source>All steps</source>
        <translation>Alle Schritte</translation>
    </message>
    <message>
        <source>First step on all latents</source>
        <translation>Erster Schritt auf allen Latents</translation>
    </message>
    <message>
        <source>Click on the picture in the main window.</source>
        <translation>Klicken Sie im Hauptfenster auf das Bild.</translation>
    </message>
    <message>
        <source>{step} is coded before any latent.</source>
        <translation>{step} wird vor allen Latents kodiert.</translation>
    </message>
    <message>
        <source>It is shared by {count} positions.</source>
        <translation>{count} Stellen teilen sich das.</translation>
    </message>
    <message>
        <source>What had informed {step}</source>
        <translation>Was bekannt war: {step}</translation>
    </message>
    <message>
        <source>Of {positions} positions that its network sees, {known} % of all channels were known. Bright: where channel {channel} was.</source>
        <translation>Von {positions} Stellen, die sein Netz sieht, waren {known} % aller Kanäle bekannt. Hell: wo Kanal {channel} es war.</translation>
    </message>
    <message>
        <source>No latent was known yet: only the hyperprior.</source>
        <translation>Noch war kein Latent bekannt, nur der Hyperprior.</translation>
    </message>
    <message>
        <source>All heads</source>
        <translation>Alle Köpfe</translation>
    </message>
    <message>
        <source>Head {number}</source>
        <translation>Kopf {number}</translation>
    </message>
    <message>
        <source>Save CSV…</source>
        <translation>CSV speichern …</translation>
    </message>
    <message>
        <source>Save figure…</source>
        <translation>Abbildung speichern …</translation>
    </message>
    <message>
        <source>Figures can be saved as PNG or NPZ.</source>
        <translation>Abbildungen lassen sich als PNG oder NPZ speichern.</translation>
    </message>
    <message>
        <source>Pixels {x0} to {x1}, {y0} to {y1}: {bits}; {count} of {total} symbols are not 0.</source>
        <translation>Pixel {x0} bis {x1}, {y0} bis {y1}: {bits}; {count} von {total} Symbolen sind nicht 0.</translation>
    </message>
    <message>
        <source>The latents were expected to cost {expected} and cost {paid}.</source>
        <translation>Erwartet waren für die Latents {expected}, gekostet haben sie {paid}.</translation>
    </message>
    <message>
        <source>Hyperprior z</source>
        <translation>Hyperprior z</translation>
    </message>
    <message>
        <source>Step {number}</source>
        <translation>Schritt {number}</translation>
    </message>
    <message>
        <source>All colours</source>
        <translation>Alle Farben</translation>
    </message>
    <message>
        <source>{name}: {bits} bits, {share} percent</source>
        <translation>{name}: {bits} Bits, {share} Prozent</translation>
    </message>
    <message>
        <source>{bits} bits = {bytes} bytes</source>
        <translation>{bits} Bits = {bytes} Bytes</translation>
    </message>
    <message>
        <source>Where the bits went</source>
        <translation>Wohin die Bits gingen</translation>
    </message>
    <message>
        <source>Bits per coding step</source>
        <translation>Bits je Kodierschritt</translation>
    </message>
    <message>
        <source>Play the coding steps</source>
        <translation>Kodierschritte abspielen</translation>
    </message>
    <message>
        <source>Coding step</source>
        <translation>Kodierschritt</translation>
    </message>
    <message>
        <source>Cumulative</source>
        <translation>Summiert</translation>
    </message>
    <message>
        <source>Each step together with all before it (C)</source>
        <translation>Jeden Schritt mit allen vor ihm (C)</translation>
    </message>
    <message>
        <source>Nobody can say where the bits of this file went.</source>
        <translation>Wohin die Bits dieser Datei gingen, kann niemand sagen.</translation>
    </message>
    <message>
        <source>Sum of the maps beside the payload</source>
        <translation>Summe der Karten neben der Nutzlast</translation>
    </message>
    <message>
        <source>{total} = payload</source>
        <translation>{total} = Nutzlast</translation>
    </message>
    <message>
        <source>{total} ≠ payload {payload}</source>
        <translation>{total} ≠ Nutzlast {payload}</translation>
    </message>
    <message>
        <source>Sum of the maps {total} bytes; code streams in the file {payload} bytes</source>
        <translation>Summe der Karten {total} Bytes; Codeströme in der Datei {payload} Bytes</translation>
    </message>
    <message>
        <source>The best picture whose whole file is no larger.</source>
        <translation>Das beste Bild, dessen ganze Datei nicht größer ist.</translation>
    </message>
    <message>
        <source>The best picture whose whole file has no more.</source>
        <translation>Das beste Bild, dessen ganze Datei nicht mehr hat.</translation>
    </message>
    <message>
        <source>PSNR</source>
        <translation>PSNR</translation>
    </message>
    <message>
        <source>The smallest file whose picture is at least as close.</source>
        <translation>Die kleinste Datei, deren Bild mindestens so nah ist.</translation>
    </message>
    <message>
        <source>What the search found</source>
        <translation>Was die Suche fand</translation>
    </message>
    <message>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Target: {name} in {unit}</source>
        <translation>Ziel: {name} in {unit}</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Fast</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Reference (slow)</source>
        <translation>Referenz (langsam)</translation>
    </message>
    <message>
        <source>Processor only</source>
        <translation>Nur Prozessor</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>Grafikkarte (CUDA)</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Low, for working beside it</source>
        <translation>Niedrig, um nebenher zu arbeiten</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie der Desktop</translation>
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
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Codec</source>
        <translation>Codec</translation>
    </message>
    <message>
        <source>Device of the codec</source>
        <translation>Gerät des Codecs</translation>
    </message>
    <message>
        <source>Engine of exact arithmetic</source>
        <translation>Rechenwerk der exakten Arithmetik</translation>
    </message>
    <message>
        <source>Priority of the codec</source>
        <translation>Priorität des Codecs</translation>
    </message>
    <message>
        <source>Low leaves the processor to other programs while the codec works</source>
        <translation>Niedrig überlässt den Prozessor anderen Programmen, während der Codec arbeitet</translation>
    </message>
    <message>
        <source>Threads of the codec; 0 is automatic</source>
        <translation>Threads des Codecs; 0 ist automatisch</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorität</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Rechenwerk</translation>
    </message>
    <message>
        <source>The codec starts again with these; what it works on is given up.</source>
        <translation>Der Codec startet damit neu; woran er arbeitet, wird aufgegeben.</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Colours of the window</source>
        <translation>Farben des Fensters</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Language of the window</source>
        <translation>Sprache des Fensters</translation>
    </message>
    <message>
        <source>The language changes with the next start.</source>
        <translation>Die Sprache ändert sich mit dem nächsten Start.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Ask before work is lost</source>
        <translation>Fragen, bevor Arbeit verloren geht</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Log files</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the folder: {name}</source>
        <translation>Den Ordner öffnen: {name}</translation>
    </message>
    <message>
        <source>A BD-rate needs {least} points of each curve or more; {name} has {count}.</source>
        <translation>Eine BD-Rate braucht von jeder Kurve mindestens {least} Punkte; {name} hat {count}.</translation>
    </message>
    <message>
        <source>The BD-rate needs two curves that share a range of quality.</source>
        <translation>Die BD-Rate braucht zwei Kurven, die einen Qualitätsbereich gemeinsam haben.</translation>
    </message>
    <message>
        <source>No BD-rate: of the range of quality of one of the curves, the other has only {part} %.</source>
        <translation>Keine BD-Rate: Vom Qualitätsbereich der einen Kurve hat die andere nur {part} %.</translation>
    </message>
    <message>
        <source>BD-rate {figure} %: {test} needs {part} % more bits than {reference}.</source>
        <translation>BD-Rate {figure} %: {test} braucht {part} % mehr Bits als {reference}.</translation>
    </message>
    <message>
        <source>BD-rate {figure} %: {test} needs {part} % fewer bits than {reference}.</source>
        <translation>BD-Rate {figure} %: {test} braucht {part} % weniger Bits als {reference}.</translation>
    </message>
    <message>
        <source>Not the same pictures: no fair comparison.</source>
        <translation>Nicht dieselben Bilder: kein fairer Vergleich.</translation>
    </message>
    <message>
        <source>Error: {text}</source>
        <translation>Fehler: {text}</translation>
    </message>
    <message>
        <source>Message: {text}</source>
        <translation>Meldung: {text}</translation>
    </message>
    <message>
        <source>Close message</source>
        <translation>Meldung schließen</translation>
    </message>
    <message>
        <source>Details of the error</source>
        <translation>Einzelheiten des Fehlers</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Show details of the error</source>
        <translation>Einzelheiten des Fehlers zeigen</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copy the error report</source>
        <translation>Den Fehlerbericht kopieren</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Protokolle öffnen</translation>
    </message>
    <message>
        <source>Open the folder of the log files</source>
        <translation>Den Ordner der Protokolldateien öffnen</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>Verbergen</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>{path} is too large for a recipe.</source>
        <translation>{path} ist zu groß für ein Rezept.</translation>
    </message>
    <message>
        <source>{name} could not be read</source>
        <translation>{name} konnte nicht gelesen werden</translation>
    </message>
    <message>
        <source>{name} could not be written</source>
        <translation>{name} konnte nicht geschrieben werden</translation>
    </message>
    <message>
        <source>{name} is {width} × {height} pixels with {channels} channels; the file was made from {other_width} × {other_height} with {other_channels}.</source>
        <translation>{name} hat {width} × {height} Pixel mit {channels} Kanälen; die Datei entstand aus {other_width} × {other_height} mit {other_channels}.</translation>
    </message>
    <message>
        <source>Opening {name}</source>
        <translation>Öffnen von {name}</translation>
    </message>
    <message>
        <source>The picture</source>
        <translation>Das Bild</translation>
    </message>
    <message>
        <source>{name} could not be opened</source>
        <translation>{name} konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>The model could not be installed</source>
        <translation>Das Modell konnte nicht installiert werden</translation>
    </message>
    <message>
        <source>The weights {name} are not of the type that profile {profile} has.</source>
        <translation>Die Gewichte {name} haben nicht den Typ, den Profil {profile} hat.</translation>
    </message>
    <message>
        <source>The weights {name} are not those of {model}.</source>
        <translation>Die Gewichte {name} sind nicht die von {model}.</translation>
    </message>
    <message>
        <source>{name}, {fault}, cannot be written.</source>
        <translation>{name}, {fault}, kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>{path} is no manifest of HPCM Studio.</source>
        <translation>{path} ist kein Manifest von HPCM Studio.</translation>
    </message>
    <message>
        <source>{path} is the manifest of a run that is going on.</source>
        <translation>{path} ist das Manifest eines Laufs, der noch nicht zu Ende ist.</translation>
    </message>
    <message>
        <source>{path} is the manifest of another run: {names} differ. Choose another name for this one.</source>
        <translation>{path} ist das Manifest eines anderen Laufs: {names} sind verschieden. Dieser braucht einen anderen Namen.</translation>
    </message>
    <message>
        <source>{path}, the list of checksums, is damaged.</source>
        <translation>{path}, die Liste der Prüfsummen, ist beschädigt.</translation>
    </message>
    <message>
        <source>{place} cannot be opened: {reason}</source>
        <translation>{place} kann nicht geöffnet werden: {reason}</translation>
    </message>
    <message>
        <source>{place} has none of these files: {names}.</source>
        <translation>{place} hat keine dieser Dateien: {names}.</translation>
    </message>
    <message>
        <source>{place} needs fsspec: pip install &apos;hpcm-studio[cluster]&apos; brings it.</source>
        <translation>{place} braucht fsspec: pip install &apos;hpcm-studio[cluster]&apos; bringt es mit.</translation>
    </message>
    <message>
        <source>{value:.1f}</source>
        <translation>{value:.1f}</translation>
    </message>
    <message>
        <source>{what} needs PyTorch, which is not part of this installation. {how}</source>
        <translation>{what} braucht PyTorch, das nicht zu dieser Installation gehört. {how}</translation>
    </message>
    <message>
        <source>{what}: {reason}.</source>
        <translation>{what}: {reason}.</translation>
    </message>
    <message>
        <source>{what}. There was not enough memory.</source>
        <translation>{what}. Der Speicher reichte nicht.</translation>
    </message>
    <message>
        <source>The file could not be copied</source>
        <translation>Die Datei konnte nicht kopiert werden</translation>
    </message>
    <message>
        <source>The models could not be listed</source>
        <translation>Die Modelle konnten nicht aufgelistet werden</translation>
    </message>
    <message>
        <source>Lossless WebP is the better choice here: {size:,} bytes, every pixel as it was.</source>
        <translation>Verlustfreies WebP ist hier die bessere Wahl: {size:,} Bytes, jedes Pixel wie zuvor.</translation>
    </message>
    <message>
        <source>The name template {template!r} is not valid.</source>
        <translation>Die Namensvorlage „{template}“ ist nicht gültig.</translation>
    </message>
    <message>
        <source>The name template {template!r} gives {name!r}, {fault}.</source>
        <translation>Die Namensvorlage „{template}“ ergibt „{name}“, {fault}.</translation>
    </message>
    <message>
        <source>larger than its source by {percent:.1f} %</source>
        <translation>größer als die Quelle um {percent:.1f} %</translation>
    </message>
    <message>
        <source>gains {percent:.1f} %, less than {least:g} %</source>
        <translation>spart {percent:.1f} %, weniger als {least:g} %</translation>
    </message>
    <message>
        <source>{path} has {size:.0f} MiB, too many for a thumbnail.</source>
        <translation>{path} hat {size:.0f} MiB, zu viele für ein Vorschaubild.</translation>
    </message>
    <message>
        <source>{path} is too large for a thumbnail.</source>
        <translation>{path} ist zu groß für ein Vorschaubild.</translation>
    </message>
    <message>
        <source>The file is damaged: its preview cannot be read.</source>
        <translation>Die Datei ist beschädigt: Ihre Vorschau ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The file&apos;s preview has {width} x {height} pixels, more than the limit.</source>
        <translation>Die Vorschau der Datei hat {width} × {height} Pixel, mehr als erlaubt.</translation>
    </message>
    <message>
        <source>The file has no preview and is too large to be decoded for a thumbnail.</source>
        <translation>Die Datei hat keine Vorschau und ist zu groß, um für ein Vorschaubild dekodiert zu werden.</translation>
    </message>
    <message>
        <source>The file has no preview, and decoding it for a thumbnail takes too long.</source>
        <translation>Die Datei hat keine Vorschau, und sie für ein Vorschaubild zu dekodieren dauert zu lange.</translation>
    </message>
    <message>
        <source>The paper&apos;s recipe is for one --lambda.</source>
        <translation>Das Rezept der Veröffentlichung gilt für ein einziges --lambda.</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>Modell laden</translation>
    </message>
    <message>
        <source>Analysing</source>
        <translation>Analyse</translation>
    </message>
    <message>
        <source>Coding</source>
        <translation>Kodieren</translation>
    </message>
    <message>
        <source>Reconstructing</source>
        <translation>Rekonstruieren</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Measuring {format}</source>
        <translation>Messen von {format}</translation>
    </message>
    <message>
        <source>Checking the checkpoint</source>
        <translation>Checkpoint prüfen</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>The file was coded with arithmetic profile {profile}; this version reads files of profile {known} only.</source>
        <translation>Die Datei wurde mit dem Rechenprofil {profile} kodiert; diese Version liest nur Dateien mit Profil {known}.</translation>
    </message>
    <message>
        <source>The file is damaged: its tiles do not fit its size.</source>
        <translation>Die Datei ist beschädigt: Ihre Kacheln passen nicht zu ihrer Größe.</translation>
    </message>
    <message>
        <source>The file is damaged: its quality does not fit its model.</source>
        <translation>Die Datei ist beschädigt: Ihre Qualität passt nicht zu ihrem Modell.</translation>
    </message>
    <message>
        <source>The picture needs about {needed:.1f} GiB of memory; the limit is {limit:.1f} GiB.</source>
        <translation>Das Bild braucht etwa {needed:.1f} GiB Speicher; erlaubt sind {limit:.1f} GiB.</translation>
    </message>
    <message>
        <source>The model&apos;s weights are too large or too uneven for exact arithmetic, so files made with it could not be decoded alike everywhere.</source>
        <translation>Die Gewichte des Modells sind zu groß oder zu ungleich für exakte Arithmetik; seine Dateien ließen sich nicht überall gleich dekodieren.</translation>
    </message>
    <message>
        <source>The file&apos;s code streams do not give the latents that were coded: it is damaged in a way that its checksums do not show, or this machine computes wrongly.</source>
        <translation>Die Codeströme der Datei ergeben nicht die kodierten Werte: Sie ist beschädigt, ohne dass ihre Prüfsummen es zeigen, oder dieser Rechner rechnet falsch.</translation>
    </message>
    <message>
        <source>No model {name} is installed; there are {names}.</source>
        <translation>Kein Modell {name} ist installiert; es gibt {names}.</translation>
    </message>
    <message>
        <source>This installation of Pillow cannot write {format}: {reason}.</source>
        <translation>Dieses Pillow kann {format} nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>which is no file name</source>
        <translation>was kein Dateiname ist</translation>
    </message>
    <message>
        <source>in which there are characters that file names cannot have</source>
        <translation>worin Zeichen stehen, die in Dateinamen nicht vorkommen dürfen</translation>
    </message>
    <message>
        <source>Loading {needed:.1f} GiB of weights, about a minute; every picture takes much longer than with other models</source>
        <translation>{needed:.1f} GiB Gewichte werden geladen, etwa eine Minute; jedes Bild dauert viel länger als mit anderen Modellen</translation>
    </message>
    <message>
        <source>There is no CUDA device to compute on here, choose auto or cpu. {why}</source>
        <translation>Hier gibt es kein CUDA-Gerät zum Rechnen; möglich sind auto und cpu. {why}</translation>
    </message>
    <message>
        <source>which Windows does not take for a file name</source>
        <translation>was Windows nicht als Dateinamen nimmt</translation>
    </message>
    <message>
        <source>which is the name of a device on Windows</source>
        <translation>was unter Windows der Name eines Geräts ist</translation>
    </message>
    <message>
        <source>{codec} misses the bytes by {percent:+.1f} %: no step of its encoder is nearer.</source>
        <translation>{codec} verfehlt die Bytes um {percent:+.1f} %: Keine Stufe des Encoders liegt näher.</translation>
    </message>
    <message>
        <source>{codec} misses the {measure} by {decibels:+.2f} dB: no step of its encoder is nearer.</source>
        <translation>{codec} verfehlt {measure} um {decibels:+.2f} dB: Keine Stufe des Encoders liegt näher.</translation>
    </message>
    <message>
        <source>{name}, which is larger than the limit</source>
        <translation>{name} (größer als die Grenze)</translation>
    </message>
    <message>
        <source>{name}: {reason}</source>
        <translation>{name}: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}.</source>
        <translation>{path} kann nicht gelesen werden: {reason}.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}.</source>
        <translation>{path} kann nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>{folder} is not a folder.</source>
        <translation>{folder} ist kein Ordner.</translation>
    </message>
    <message>
        <source>There is no picture in {folder}.</source>
        <translation>In {folder} ist kein Bild.</translation>
    </message>
    <message>
        <source>The compressed picture is larger than 4 GiB, which a .hpcm file cannot hold.</source>
        <translation>Das komprimierte Bild ist größer als 4 GiB, mehr fasst eine .hpcm-Datei nicht.</translation>
    </message>
    <message>
        <source>The compressed picture needs more than {limit} chunks.</source>
        <translation>Das komprimierte Bild braucht mehr als {limit} Abschnitte.</translation>
    </message>
    <message>
        <source>The file is damaged: it does not begin with its header.</source>
        <translation>Die Datei ist beschädigt: Sie beginnt nicht mit ihrem Kopf.</translation>
    </message>
    <message>
        <source>The file is damaged: a second or misplaced {chunk} chunk.</source>
        <translation>Die Datei ist beschädigt: ein zweiter oder falsch platzierter Abschnitt {chunk}.</translation>
    </message>
    <message>
        <source>The file is damaged: a second header.</source>
        <translation>Die Datei ist beschädigt: ein zweiter Kopf.</translation>
    </message>
    <message>
        <source>The file is damaged: a second tile table.</source>
        <translation>Die Datei ist beschädigt: eine zweite Kacheltabelle.</translation>
    </message>
    <message>
        <source>The file is damaged: its tiles are not where the tile table says.</source>
        <translation>Die Datei ist beschädigt: Ihre Kacheln sind nicht dort, wo die Kacheltabelle sagt.</translation>
    </message>
    <message>
        <source>The file is damaged: its length is not what its end says.</source>
        <translation>Die Datei ist beschädigt: Ihre Länge ist nicht die, die an ihrem Ende steht.</translation>
    </message>
    <message>
        <source>The file needs a newer version of this program: {chunk} is unknown here.</source>
        <translation>Die Datei braucht eine neuere Version dieses Programms: {chunk} ist hier unbekannt.</translation>
    </message>
    <message>
        <source>The file is damaged: {fault}.</source>
        <translation>Die Datei ist beschädigt: {fault}.</translation>
    </message>
    <message>
        <source>The file is cut short.</source>
        <translation>Die Datei ist abgeschnitten.</translation>
    </message>
    <message>
        <source>The file is damaged: no chunk begins where one should.</source>
        <translation>Die Datei ist beschädigt: Wo ein Abschnitt beginnen müsste, beginnt keiner.</translation>
    </message>
    <message>
        <source>The file is damaged: the checksum of {chunk} is wrong.</source>
        <translation>Die Datei ist beschädigt: Die Prüfsumme von {chunk} ist falsch.</translation>
    </message>
    <message>
        <source>The file has more than {limit} chunks.</source>
        <translation>Die Datei hat mehr als {limit} Abschnitte.</translation>
    </message>
    <message>
        <source>The file is damaged: something follows its end.</source>
        <translation>Die Datei ist beschädigt: Nach ihrem Ende folgt noch etwas.</translation>
    </message>
    <message>
        <source>The beginning of this .hpcm file is damaged, as happens when it is transferred as text.</source>
        <translation>Der Anfang dieser .hpcm-Datei ist beschädigt, wie es geschieht, wenn sie als Text übertragen wird.</translation>
    </message>
    <message>
        <source>This is not a .hpcm file.</source>
        <translation>Das ist keine .hpcm-Datei.</translation>
    </message>
    <message>
        <source>The file has format version {version}; this program reads version {known}.</source>
        <translation>Die Datei hat die Formatversion {version}; dieses Programm liest Version {known}.</translation>
    </message>
    <message>
        <source>the number of tiles is not what the header says</source>
        <translation>Die Zahl der Kacheln ist nicht die im Kopf</translation>
    </message>
    <message>
        <source>the header and the file disagree on an alpha plane</source>
        <translation>Kopf und Datei widersprechen sich über eine Alpha-Ebene</translation>
    </message>
    <message>
        <source>The file is damaged: its tile table has the wrong length.</source>
        <translation>Die Datei ist beschädigt: Ihre Kacheltabelle hat die falsche Länge.</translation>
    </message>
    <message>
        <source>The file is damaged: a tile is too short.</source>
        <translation>Die Datei ist beschädigt: Eine Kachel ist zu kurz.</translation>
    </message>
    <message>
        <source>The picture carries more metadata than the limit allows.</source>
        <translation>Das Bild trägt mehr Metadaten als erlaubt.</translation>
    </message>
    <message>
        <source>The file is damaged: {chunk} cannot be unpacked.</source>
        <translation>Die Datei ist beschädigt: {chunk} lässt sich nicht entpacken.</translation>
    </message>
    <message>
        <source>The file is damaged: its header is too short.</source>
        <translation>Die Datei ist beschädigt: Ihr Kopf ist zu kurz.</translation>
    </message>
    <message>
        <source>The file is damaged: the model&apos;s name in its header is not valid.</source>
        <translation>Die Datei ist beschädigt: Der Name des Modells in ihrem Kopf ist nicht gültig.</translation>
    </message>
    <message>
        <source>flags</source>
        <translation>Schalter</translation>
    </message>
    <message>
        <source>orientation</source>
        <translation>Ausrichtung</translation>
    </message>
    <message>
        <source>colour space</source>
        <translation>Farbraum</translation>
    </message>
    <message>
        <source>padding rule</source>
        <translation>Regel des Auffüllens</translation>
    </message>
    <message>
        <source>The file needs a newer version of this program: its {what} cannot be understood.</source>
        <translation>Die Datei braucht eine neuere Version dieses Programms. Unverständlich ist hier: {what}.</translation>
    </message>
    <message>
        <source>its size in pixels is not possible</source>
        <translation>Ihre Größe in Pixeln ist nicht möglich</translation>
    </message>
    <message>
        <source>it says {bits} bits per sample</source>
        <translation>Sie nennt {bits} Bits pro Wert</translation>
    </message>
    <message>
        <source>it says {count} colour channels</source>
        <translation>Sie nennt {count} Farbkanäle</translation>
    </message>
    <message>
        <source>the model&apos;s name is empty or too long</source>
        <translation>Der Name des Modells ist leer oder zu lang</translation>
    </message>
    <message>
        <source>the model&apos;s name is not plain ASCII</source>
        <translation>Der Name des Modells ist kein reines ASCII</translation>
    </message>
    <message>
        <source>the model&apos;s hash is not 8 bytes</source>
        <translation>Der Hash des Modells hat nicht 8 Bytes</translation>
    </message>
    <message>
        <source>the arithmetic profile is out of range</source>
        <translation>Das Rechenprofil liegt außerhalb des Bereichs</translation>
    </message>
    <message>
        <source>the number of threads is out of range</source>
        <translation>Die Zahl der Threads liegt außerhalb des Bereichs</translation>
    </message>
    <message>
        <source>it says float32 arithmetic with no threads</source>
        <translation>Sie nennt float32-Arithmetik ohne Threads</translation>
    </message>
    <message>
        <source>it says quality {quality}</source>
        <translation>Sie nennt Qualität {quality}</translation>
    </message>
    <message>
        <source>its rows of tiles do not fit its height</source>
        <translation>Ihre Kachelzeilen passen nicht zu ihrer Höhe</translation>
    </message>
    <message>
        <source>its columns of tiles do not fit its width</source>
        <translation>Ihre Kachelspalten passen nicht zu ihrer Breite</translation>
    </message>
    <message>
        <source>its orientation, colour space or padding rule is not one of version 1</source>
        <translation>Ausrichtung, Farbraum oder Regel des Auffüllens gibt es in Version 1 nicht</translation>
    </message>
    <message>
        <source>The picture of {width} x {height} pixels is larger than the limit.</source>
        <translation>Das Bild von {width} × {height} Pixeln ist größer als erlaubt.</translation>
    </message>
    <message>
        <source>Pictures of {width} x {height} and {other_width} x {other_height} pixels cannot be compared: their sizes must be equal.</source>
        <translation>Bilder von {width} × {height} und {other_width} × {other_height} Pixeln lassen sich nicht vergleichen: Ihre Größen müssen gleich sein.</translation>
    </message>
    <message>
        <source>There is no model called {model!r}; there are {names}.</source>
        <translation>Ein Modell namens „{model}“ gibt es nicht; es gibt {names}.</translation>
    </message>
    <message>
        <source>There is no {model} model for {metric}.</source>
        <translation>Für {metric} gibt es kein Modell {model}.</translation>
    </message>
    <message>
        <source>No {model} model for {metric} has lambda {lmbda:g}; there are {known}.</source>
        <translation>Kein Modell {model} für {metric} hat Lambda {lmbda:g}; es gibt {known}.</translation>
    </message>
    <message>
        <source>There is no variant called {variant!r}; there are {names}.</source>
        <translation>Eine Variante namens „{variant}“ gibt es nicht; es gibt {names}.</translation>
    </message>
    <message>
        <source>There is no metric called {metric!r}; there are {names}.</source>
        <translation>Eine Metrik namens „{metric}“ gibt es nicht; es gibt {names}.</translation>
    </message>
    <message>
        <source>The lambda must be a positive number.</source>
        <translation>Lambda muss eine positive Zahl sein.</translation>
    </message>
    <message>
        <source>1 more channel</source>
        <translation>1 weiterer Kanal</translation>
    </message>
    <message>
        <source>0</source>
        <translation>0</translation>
    </message>
    <message>
        <source>0 (narrow)</source>
        <translation>0 (schmal)</translation>
    </message>
    <message>
        <source>1 more page</source>
        <translation>1 weitere Seite</translation>
    </message>
    <message>
        <source>50 % in {half}, 99 % in {nearly}, bound {bound} pixels</source>
        <translation>50 % in {half}, 99 % in {nearly}, Grenze {bound} Pixel</translation>
    </message>
    <message>
        <source>A block&apos;s quality can be at most {most} above or below the rest.</source>
        <translation>Die Qualität eines Blocks kann höchstens {most} über oder unter der übrigen liegen.</translation>
    </message>
    <message>
        <source>A look is faithful, natural, or a number from 0 (faithful) to 1 (natural).</source>
        <translation>Eine Darstellung ist faithful (getreu), natural (natürlich) oder eine Zahl von 0 (getreu) bis 1 (natürlich).</translation>
    </message>
    <message>
        <source>A size is a number of pixels, or a percentage above 0 and at most 100.</source>
        <translation>Eine Größe ist eine Zahl von Pixeln oder ein Prozentsatz über 0 und höchstens 100.</translation>
    </message>
    <message>
        <source>A size is the longest side in pixels, as &quot;2048&quot;, or a percentage, as &quot;50%&quot;.</source>
        <translation>Eine Größe ist die längste Seite in Pixeln, wie „2048“, oder ein Prozentsatz, wie „50%“.</translation>
    </message>
    <message>
        <source>A step is recorded as a graph in a single process only, and never the natural look&apos;s.</source>
        <translation>Als Graph aufgezeichnet wird ein Schritt nur in einem einzigen Prozess, und nie der des natürlichen Aussehens.</translation>
    </message>
    <message>
        <source>An earlier version of this program brought them along. In a clone of its repository run: {recovery} and then: {command}</source>
        <translation>Eine frühere Version dieses Programms hat sie mitgebracht. In einer Kopie (clone) seines Repositorys: {recovery} und dann: {command}</translation>
    </message>
    <message>
        <source>Another process is training in {folder}.</source>
        <translation>In {folder} trainiert ein anderer Prozess.</translation>
    </message>
    <message>
        <source>Another training has written into {folder} meanwhile; --resume continues it.</source>
        <translation>Inzwischen hat ein anderes Training in {folder} geschrieben; --resume setzt es fort.</translation>
    </message>
    <message>
        <source>Attention at step {step}, head {head}</source>
        <translation>Aufmerksamkeit bei Schritt {step}, Kopf {head}</translation>
    </message>
    <message>
        <source>Attention at step {step}, mean of {count} heads</source>
        <translation>Aufmerksamkeit bei Schritt {step}, Mittel von {count} Köpfen</translation>
    </message>
    <message>
        <source>Bits of {first} to {last}: {count:,.0f} bytes</source>
        <translation>Bits von {first} bis {last}: {count:,.0f} Byte</translation>
    </message>
    <message>
        <source>Bits of {first}: {count:,.0f} bytes</source>
        <translation>Bits von {first}: {count:,.0f} Byte</translation>
    </message>
    <message>
        <source>Blocks cannot have more hidden channels than before.</source>
        <translation>Blöcke können nicht mehr verborgene Kanäle haben als zuvor.</translation>
    </message>
    <message>
        <source>Channel {number}: values</source>
        <translation>Kanal {number}: Werte</translation>
    </message>
    <message>
        <source>Computing attention</source>
        <translation>Aufmerksamkeit wird berechnet</translation>
    </message>
    <message>
        <source>Computing on one</source>
        <translation>Das Rechnen auf einem solchen</translation>
    </message>
    <message>
        <source>Computing receptive fields</source>
        <translation>Rezeptive Felder werden berechnet</translation>
    </message>
    <message>
        <source>Cost: {count:,.0f} bytes</source>
        <translation>Kosten: {count:,.0f} Byte</translation>
    </message>
    <message>
        <source>Counting what a variant costs</source>
        <translation>Die Zählung der Kosten einer Variante</translation>
    </message>
    <message>
        <source>Decoding a preview</source>
        <translation>Vorschau dekodieren</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>EXIF</source>
        <translation>EXIF</translation>
    </message>
    <message>
        <source>EXIF, which is damaged</source>
        <translation>EXIF (beschädigt)</translation>
    </message>
    <message>
        <source>EXIF, which is larger than JPEG can hold</source>
        <translation>EXIF (größer, als JPEG fassen kann)</translation>
    </message>
    <message>
        <source>Each of them but {names}</source>
        <translation>Jedes davon außer {names}</translation>
    </message>
    <message>
        <source>Effort is for pictures of at most {side} x {side} pixels; this one has {width} x {height}.</source>
        <translation>Aufwand gibt es für Bilder von höchstens {side} x {side} Pixeln; dieses hat {width} x {height}.</translation>
    </message>
    <message>
        <source>Effort is for pictures of one quality; this one has parts that are kept better or worse.</source>
        <translation>Aufwand gibt es für Bilder von einer Qualität; dieses hat Teile, die besser oder schlechter erhalten werden.</translation>
    </message>
    <message>
        <source>Encoding with effort</source>
        <translation>Kodieren mit Aufwand</translation>
    </message>
    <message>
        <source>Files could not name the model {name}: they have room for {most} characters.</source>
        <translation>Dateien könnten das Modell {name} nicht nennen: Sie haben Platz für {most} Zeichen.</translation>
    </message>
    <message>
        <source>Files of photographs are mostly 2 to 12 % smaller than by JPEG XL; making and reading them takes far longer. Where JPEG XL is smaller, as of drawn pictures, it is taken.</source>
        <translation>Dateien von Fotos werden meist 2 bis 12 % kleiner als mit JPEG XL; sie zu schreiben und zu lesen dauert viel länger. Wo JPEG XL kleiner ist, wie bei gezeichneten Bildern, wird es genommen.</translation>
    </message>
    <message>
        <source>For MS-SSIM a picture needs {side} pixels a side at least.</source>
        <translation>Für MS-SSIM braucht ein Bild mindestens {side} Pixel je Seite.</translation>
    </message>
    <message>
        <source>For SSIMULACRA 2 the package ssimulacra2 must be installed.</source>
        <translation>Für SSIMULACRA 2 muss das Paket ssimulacra2 installiert sein.</translation>
    </message>
    <message>
        <source>High dynamic range ({kind}) stays in the samples; where it cannot be shown it is shown toned down.</source>
        <translation>Der hohe Dynamikumfang ({kind}) bleibt in den Bildwerten; wo er nicht gezeigt werden kann, wird er abgeschwächt gezeigt.</translation>
    </message>
    <message>
        <source>IPTC</source>
        <translation>IPTC</translation>
    </message>
    <message>
        <source>Importing {name}</source>
        <translation>Das Importieren von {name}</translation>
    </message>
    <message>
        <source>Install the full HPCM Studio in its place: hpcm-studio instead of hpcm-studio-small.</source>
        <translation>Installieren Sie stattdessen das vollständige HPCM Studio: hpcm-studio statt hpcm-studio-small.</translation>
    </message>
    <message>
        <source>Installing</source>
        <translation>Installieren</translation>
    </message>
    <message>
        <source>It is none of the published ones; ask whoever made it for its checkpoint and run: {command}</source>
        <translation>Es ist keines der veröffentlichten; bitten Sie den Urheber um den Checkpoint und führen Sie aus: {command}</translation>
    </message>
    <message>
        <source>JPEG XL cannot code this picture: {reason}</source>
        <translation>JPEG XL kann dieses Bild nicht kodieren: {reason}</translation>
    </message>
    <message>
        <source>JPEG XL did not keep every pixel of this picture, so no file was made.</source>
        <translation>JPEG XL hat nicht jedes Pixel dieses Bildes bewahrt, deshalb ist keine Datei entstanden.</translation>
    </message>
    <message>
        <source>Making integers of weights</source>
        <translation>Das Umrechnen von Gewichten in ganze Zahlen</translation>
    </message>
    <message>
        <source>Measuring the speed</source>
        <translation>Geschwindigkeit messen</translation>
    </message>
    <message>
        <source>Measuring the speed of {name}</source>
        <translation>Das Messen der Geschwindigkeit von {name}</translation>
    </message>
    <message>
        <source>Of some of the coding steps there is only the faithful look.</source>
        <translation>Von einem Teil der Kodierschritte gibt es nur die getreue Darstellung.</translation>
    </message>
    <message>
        <source>Only a training for MSE weighs chroma.</source>
        <translation>Nur ein Training auf MSE gewichtet die Farbe.</translation>
    </message>
    <message>
        <source>Pictures without loss need the package imagecodecs, which is not installed.</source>
        <translation>Bilder ohne Verlust brauchen das Paket imagecodecs, das nicht installiert ist.</translation>
    </message>
    <message>
        <source>Preparing the picture</source>
        <translation>Bild vorbereiten</translation>
    </message>
    <message>
        <source>Preparing the pictures</source>
        <translation>Bilder vorbereiten</translation>
    </message>
    <message>
        <source>Ray is not installed: pip install &apos;hpcm-studio[cluster]&apos; brings it.</source>
        <translation>Ray ist nicht installiert: pip install &apos;hpcm-studio[cluster]&apos; bringt es mit.</translation>
    </message>
    <message>
        <source>Receptive fields are averaged over files of one model.</source>
        <translation>Rezeptive Felder werden über Dateien eines einzigen Modells gemittelt.</translation>
    </message>
    <message>
        <source>Refining</source>
        <translation>Verfeinern</translation>
    </message>
    <message>
        <source>SSIMULACRA 2 takes pictures of at most {most} megapixels; this one has {pixels:.1f}.</source>
        <translation>SSIMULACRA 2 nimmt Bilder von höchstens {most} Megapixeln; dieses hat {pixels:.1f}.</translation>
    </message>
    <message>
        <source>Saved {name}, without {things}</source>
        <translation>{name} gespeichert, ohne: {things}</translation>
    </message>
    <message>
        <source>Step {step}: effective receptive field</source>
        <translation>Schritt {step}: effektives rezeptives Feld</translation>
    </message>
    <message>
        <source>Steps are given as 1-5, 6 or {first}; there are {first} to {last}.</source>
        <translation>Schritte werden als 1-5, 6 oder {first} angegeben; es gibt {first} bis {last}.</translation>
    </message>
    <message>
        <source>The .hpcm file shows the very same samples: no lossy file is equal to that.</source>
        <translation>Die .hpcm-Datei zeigt genau dieselben Werte: Dem kommt keine verlustbehaftete Datei gleich.</translation>
    </message>
    <message>
        <source>The Ray cluster {address} cannot be reached: {reason}</source>
        <translation>Der Ray-Cluster {address} ist nicht erreichbar: {reason}</translation>
    </message>
    <message>
        <source>The Ray cluster {address} has no room for a worker.</source>
        <translation>Im Ray-Cluster {address} ist kein Platz für einen Arbeitsprozess.</translation>
    </message>
    <message>
        <source>The data</source>
        <translation>Die Daten</translation>
    </message>
    <message>
        <source>The data is empty.</source>
        <translation>Die Daten sind leer.</translation>
    </message>
    <message>
        <source>The difference could not be prepared for showing</source>
        <translation>Die Differenz konnte nicht für die Anzeige vorbereitet werden</translation>
    </message>
    <message>
        <source>The duel could not be prepared for showing</source>
        <translation>Das Duell konnte nicht für die Anzeige vorbereitet werden</translation>
    </message>
    <message>
        <source>The effort must be a whole number from {least} to {most}.</source>
        <translation>Der Aufwand muss eine ganze Zahl von {least} bis {most} sein.</translation>
    </message>
    <message>
        <source>The file at {address} is larger than {most:.1f} GB, which no such checkpoint is.</source>
        <translation>Die Datei unter {address} ist größer als {most:.1f} GB, was kein solcher Checkpoint ist.</translation>
    </message>
    <message>
        <source>The file is damaged: a tile&apos;s JPEG XL stream is not of this picture.</source>
        <translation>Die Datei ist beschädigt: Der JPEG-XL-Strom einer Kachel gehört nicht zu diesem Bild.</translation>
    </message>
    <message>
        <source>The file is damaged: its arithmetic profile does not fit its model.</source>
        <translation>Die Datei ist beschädigt: Ihr Rechenprofil passt nicht zu ihrem Modell.</translation>
    </message>
    <message>
        <source>The file is damaged: its model has one quality for the whole picture.</source>
        <translation>Die Datei ist beschädigt: Ihr Modell hat eine Qualität für das ganze Bild.</translation>
    </message>
    <message>
        <source>The file is damaged: its padding rule does not fit its model.</source>
        <translation>Die Datei ist beschädigt: Ihre Auffüllregel passt nicht zu ihrem Modell.</translation>
    </message>
    <message>
        <source>The file is damaged: its resolution makes no sense.</source>
        <translation>Die Datei ist beschädigt: Ihre Auflösung ergibt keinen Sinn.</translation>
    </message>
    <message>
        <source>The file is damaged: its texts cannot be read.</source>
        <translation>Die Datei ist beschädigt: Ihre Texte sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The file needs a newer version of this program: its coder is unknown here.</source>
        <translation>Die Datei braucht eine neuere Version dieses Programms: Ihr Kodierer ist hier unbekannt.</translation>
    </message>
    <message>
        <source>The file needs the weights {identity} of the model {model}, which are not installed. {how}</source>
        <translation>Die Datei braucht die Gewichte {identity} des Modells {model}, die nicht installiert sind. {how}</translation>
    </message>
    <message>
        <source>The file was coded by {model} in arithmetic profile {profile}; of this model this version reads files of profile {known} only.</source>
        <translation>Die Datei wurde von {model} mit dem Rechenprofil {profile} kodiert; von diesem Modell liest diese Version nur Dateien mit Profil {known}.</translation>
    </message>
    <message>
        <source>The file wishes a natural look, whose weights are not installed here; the faithful picture is shown.</source>
        <translation>Die Datei wünscht eine natürliche Darstellung, deren Gewichte hier nicht installiert sind; gezeigt wird das getreue Bild.</translation>
    </message>
    <message>
        <source>The file wishes a natural look. {reason} The picture is faithful.</source>
        <translation>Die Datei wünscht eine natürliche Darstellung. {reason} Das Bild ist getreu.</translation>
    </message>
    <message>
        <source>The file&apos;s code streams do not give the pixels that were coded: it is damaged in a way that its other checksums do not show, or JPEG XL decodes it wrongly here.</source>
        <translation>Die Codeströme der Datei ergeben nicht die Pixel, die kodiert wurden: Sie ist so beschädigt, dass ihre übrigen Prüfsummen es nicht zeigen, oder JPEG XL dekodiert sie hier falsch.</translation>
    </message>
    <message>
        <source>The file&apos;s code streams do not give the pixels that were coded: it is damaged in a way that its other checksums do not show.</source>
        <translation>Die Codeströme der Datei ergeben nicht die Pixel, die kodiert wurden: Sie ist so beschädigt, dass ihre übrigen Prüfsummen es nicht zeigen.</translation>
    </message>
    <message>
        <source>The highest lambda must lie among those of a model of variable rate.</source>
        <translation>Das höchste Lambda muss unter denen eines Modells mit variabler Rate liegen.</translation>
    </message>
    <message>
        <source>The map of qualities belongs to a picture of another size.</source>
        <translation>Die Karte der Qualitäten gehört zu einem Bild anderer Größe.</translation>
    </message>
    <message>
        <source>The mask has {width} x {height} pixels, the picture {wanted_width} x {wanted_height}: they must be alike.</source>
        <translation>Die Maske hat {width} x {height} Pixel, das Bild {wanted_width} x {wanted_height}: Beide müssen gleich groß sein.</translation>
    </message>
    <message>
        <source>The model {model} has no natural look here.</source>
        <translation>Das Modell {model} hat hier keine natürliche Darstellung.</translation>
    </message>
    <message>
        <source>The model {model} has no natural look.</source>
        <translation>Das Modell {model} hat keine natürliche Darstellung.</translation>
    </message>
    <message>
        <source>The model {model} has one quality for the whole picture; a part of it cannot be kept better.</source>
        <translation>Das Modell {model} hat eine Qualität für das ganze Bild; ein Teil davon lässt sich nicht besser erhalten.</translation>
    </message>
    <message>
        <source>The model {model} has one way to code a picture and no rate.</source>
        <translation>Das Modell {model} kodiert ein Bild nur auf eine Weise und hat keine Rate.</translation>
    </message>
    <message>
        <source>The model {model} has one way to encode and no effort.</source>
        <translation>Das Modell {model} kodiert nur auf eine Weise und kennt keinen Aufwand.</translation>
    </message>
    <message>
        <source>The model {model} keeps every pixel as it is and has no curve.</source>
        <translation>Das Modell {model} bewahrt jedes Pixel, wie es ist, und hat keine Kurve.</translation>
    </message>
    <message>
        <source>The model {model} keeps every pixel as it is and takes no quality, lambda or target.</source>
        <translation>Das Modell {model} bewahrt jedes Pixel, wie es ist, und nimmt weder Qualität noch Lambda noch Ziel.</translation>
    </message>
    <message>
        <source>The model {model} keeps every pixel as it is; no part of a picture can be kept better.</source>
        <translation>Das Modell {model} bewahrt jedes Pixel, wie es ist; kein Teil eines Bildes lässt sich besser bewahren.</translation>
    </message>
    <message>
        <source>The model {name}</source>
        <translation>Das Modell {name}</translation>
    </message>
    <message>
        <source>The model {name} cannot be written to {folder}: {reason}.</source>
        <translation>Das Modell {name} kann nicht nach {folder} geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>The model {name} needs about {needed:.1f} GiB of memory; this machine has {free:.1f} GiB free.</source>
        <translation>Das Modell {name} braucht etwa {needed:.1f} GiB Speicher; auf diesem Rechner sind {free:.1f} GiB frei.</translation>
    </message>
    <message>
        <source>The model {variant} keeps every pixel and takes no lambda.</source>
        <translation>Das Modell {variant} bewahrt jedes Pixel und nimmt kein Lambda.</translation>
    </message>
    <message>
        <source>The model {variant} keeps every pixel: it has no distortion to choose, and is trained as a whole.</source>
        <translation>Das Modell {variant} bewahrt jedes Pixel: Es gibt keine Verzerrung zu wählen, und es wird als Ganzes trainiert.</translation>
    </message>
    <message>
        <source>The model&apos;s weights leave the range of exact arithmetic.</source>
        <translation>Die Gewichte des Modells verlassen den Bereich der exakten Arithmetik.</translation>
    </message>
    <message>
        <source>The natural look has a loss of its own.</source>
        <translation>Die natürliche Darstellung hat eine eigene Verlustfunktion.</translation>
    </message>
    <message>
        <source>The natural look has invented detail, not that of the original.</source>
        <translation>Die natürliche Darstellung hat erfundene Details, nicht die des Originals.</translation>
    </message>
    <message>
        <source>The natural look is trained for the synthesis of a model of variable rate for MSE.</source>
        <translation>Die natürliche Darstellung wird für die Synthese eines Modells mit variabler Rate und MSE trainiert.</translation>
    </message>
    <message>
        <source>The natural picture could not be prepared for showing</source>
        <translation>Das natürliche Bild konnte nicht für die Anzeige vorbereitet werden</translation>
    </message>
    <message>
        <source>The perceptual stage continues a training for MSE.</source>
        <translation>Die Wahrnehmungsstufe setzt ein Training auf MSE fort.</translation>
    </message>
    <message>
        <source>The perceptual stage needs the packages of an extra: pip install {extra}</source>
        <translation>Die Wahrnehmungsstufe braucht die Pakete eines Zusatzes: pip install {extra}</translation>
    </message>
    <message>
        <source>The picture comes from a JPEG file: its pixels are kept, the file itself is not, and that is usually smaller.</source>
        <translation>Das Bild stammt aus einer JPEG-Datei: Bewahrt werden seine Pixel, nicht die Datei selbst, und diese ist meist kleiner.</translation>
    </message>
    <message>
        <source>The picture of the step could not be prepared for showing</source>
        <translation>Das Bild des Schritts konnte nicht für die Anzeige vorbereitet werden</translation>
    </message>
    <message>
        <source>The place {x}, {y} is not in the picture.</source>
        <translation>Die Stelle {x}, {y} liegt nicht im Bild.</translation>
    </message>
    <message>
        <source>The recipe&apos;s look must be faithful, natural or a number from 0 to 1.</source>
        <translation>Die Darstellung des Rezepts muss faithful, natural oder eine Zahl von 0 bis 1 sein.</translation>
    </message>
    <message>
        <source>The steps of {model} are not those of the other joined.</source>
        <translation>Die Schritte von {model} sind nicht die zusammengefassten des anderen.</translation>
    </message>
    <message>
        <source>The view of attention and receptive fields</source>
        <translation>Die Ansicht von Aufmerksamkeit und rezeptiven Feldern</translation>
    </message>
    <message>
        <source>The model {model} has one look, the faithful one.</source>
        <translation>Das Modell {model} hat nur eine Darstellung, die getreue.</translation>
    </message>
    <message>
        <source>Crops must be multiples of {unit} pixels a side, {least} at least, not {side}.</source>
        <translation>Ausschnitte müssen Seiten von einem Vielfachen von {unit} Pixeln haben, mindestens {least}, nicht {side}.</translation>
    </message>
    <message>
        <source>The weights of the natural look of {model} ({identity}) are not installed.</source>
        <translation>Die Gewichte der natürlichen Darstellung von {model} ({identity}) sind nicht installiert.</translation>
    </message>
    <message>
        <source>The weights of {name} in {path} are damaged: {reason}</source>
        <translation>Die Gewichte von {name} in {path} sind beschädigt: {reason}</translation>
    </message>
    <message>
        <source>The weights of {variant} are made from others and not trained.</source>
        <translation>Die Gewichte von {variant} entstehen aus anderen und werden nicht trainiert.</translation>
    </message>
    <message>
        <source>The weights {name} are out of range.</source>
        <translation>Die Gewichte {name} liegen außerhalb des Bereichs.</translation>
    </message>
    <message>
        <source>The weights {name} are too large for profile {profile}.</source>
        <translation>Die Gewichte {name} sind zu groß für Profil {profile}.</translation>
    </message>
    <message>
        <source>The workers of {address} cannot start: {reason}</source>
        <translation>Die Arbeitsprozesse von {address} können nicht starten: {reason}</translation>
    </message>
    <message>
        <source>The workers of {address} have HPCM Studio {theirs}, and this is {ours}: they have to be the same, for the same bytes.</source>
        <translation>Die Arbeitsprozesse von {address} haben HPCM Studio {theirs}, und dies ist {ours}: Damit es dieselben Bytes werden, muss es dieselbe Version sein.</translation>
    </message>
    <message>
        <source>There are heads 0 to {last}.</source>
        <translation>Es gibt die Köpfe 0 bis {last}.</translation>
    </message>
    <message>
        <source>There are no figures of attention or receptive fields for {model}.</source>
        <translation>Für {model} gibt es keine Abbildungen von Aufmerksamkeit oder rezeptiven Feldern.</translation>
    </message>
    <message>
        <source>There is no arithmetic in integers alone for {model}.</source>
        <translation>Für {model} gibt es keine Arithmetik nur mit ganzen Zahlen.</translation>
    </message>
    <message>
        <source>There is no file at {address}.</source>
        <translation>Unter {address} gibt es keine Datei.</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>Die Datei {path} gibt es nicht.</translation>
    </message>
    <message>
        <source>There is none of step {step}; there are steps {first} to {last}.</source>
        <translation>Von Schritt {step} gibt es keine; es gibt die Schritte {first} bis {last}.</translation>
    </message>
    <message>
        <source>These are not the weights that {model} was quantized from, with another g_s.</source>
        <translation>Das sind nicht die Gewichte, aus denen {model} quantisiert wurde, mit einem anderen g_s.</translation>
    </message>
    <message>
        <source>These weights of {model} are bundled with this program already.</source>
        <translation>Diese Gewichte von {model} sind schon Teil dieses Programms.</translation>
    </message>
    <message>
        <source>This command</source>
        <translation>Dieser Befehl</translation>
    </message>
    <message>
        <source>This downloads it from its authors: {command}</source>
        <translation>So wird es von seinen Urhebern heruntergeladen: {command}</translation>
    </message>
    <message>
        <source>This file&apos;s edition of the model {name}</source>
        <translation>Die Fassung des Modells {name} in dieser Datei</translation>
    </message>
    <message>
        <source>This installation cannot write {format}: {reason}.</source>
        <translation>Diese Installation kann {format} nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>This machine computes wrongly: none of the program&apos;s kernels passes its check.</source>
        <translation>Dieser Rechner rechnet falsch: Keiner der Rechenkerne des Programms besteht seine Prüfung.</translation>
    </message>
    <message>
        <source>This process was forked from one that used CUDA and cannot use it; start processes with the spawn method.</source>
        <translation>Dieser Prozess wurde durch fork aus einem gemacht, der CUDA verwendet hat, und kann es nicht verwenden; Prozesse sind mit der Methode spawn zu starten.</translation>
    </message>
    <message>
        <source>To get it, run: {command}</source>
        <translation>Um es zu bekommen, führen Sie aus: {command}</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Das Training</translation>
    </message>
    <message>
        <source>Waiting for the codec</source>
        <translation>Warten auf den Codec</translation>
    </message>
    <message>
        <source>What came from {place} is no good: {reason}</source>
        <translation>Was von {place} kam, taugt nichts: {reason}</translation>
    </message>
    <message>
        <source>What {model} codes cannot be looked into.</source>
        <translation>In das, was {model} kodiert, lässt sich nicht hineinsehen.</translation>
    </message>
    <message>
        <source>With weights of {model} in floating point no files can be made; {command} makes integers of them, which code.</source>
        <translation>Mit Gewichten von {model} in Gleitkomma lassen sich keine Dateien erzeugen; {command} macht daraus ganze Zahlen, mit denen es geht.</translation>
    </message>
    <message>
        <source>Writing the file</source>
        <translation>Datei erzeugen</translation>
    </message>
    <message>
        <source>XMP</source>
        <translation>XMP</translation>
    </message>
    <message>
        <source>YCbCr or Lab in planes</source>
        <translation>YCbCr oder Lab in Ebenen</translation>
    </message>
    <message>
        <source>a neural network</source>
        <translation>ein neuronales Netz</translation>
    </message>
    <message>
        <source>a part of XMP that is damaged</source>
        <translation>ein beschädigter Teil von XMP</translation>
    </message>
    <message>
        <source>a transparency mask</source>
        <translation>eine Transparenzmaske</translation>
    </message>
    <message>
        <source>a volume</source>
        <translation>ein Volumen</translation>
    </message>
    <message>
        <source>all but one of the pictures of its animation</source>
        <translation>alle Bilder der Animation bis auf eines</translation>
    </message>
    <message>
        <source>all but one of the {count} pictures in it</source>
        <translation>alle {count} Bilder in der Datei bis auf eines</translation>
    </message>
    <message>
        <source>all but one of the {count} pictures of its animation</source>
        <translation>alle {count} Bilder der Animation bis auf eines</translation>
    </message>
    <message>
        <source>an animation that is damaged</source>
        <translation>eine beschädigte Animation</translation>
    </message>
    <message>
        <source>colours outside sRGB</source>
        <translation>Farben außerhalb von sRGB</translation>
    </message>
    <message>
        <source>complex samples</source>
        <translation>komplexe Werte</translation>
    </message>
    <message>
        <source>compression {number}</source>
        <translation>Kompression {number}</translation>
    </message>
    <message>
        <source>four times</source>
        <translation>viermal so viel</translation>
    </message>
    <message>
        <source>half of equal weights</source>
        <translation>halb so viel wie bei gleichen Gewichten</translation>
    </message>
    <message>
        <source>imagecodecs cannot write JPEG XL: {reason}.</source>
        <translation>imagecodecs kann kein JPEG XL schreiben: {reason}.</translation>
    </message>
    <message>
        <source>inks that are not CMYK</source>
        <translation>andere Druckfarben als CMYK</translation>
    </message>
    <message>
        <source>its colours are told twice</source>
        <translation>ihre Farben sind zweimal angegeben</translation>
    </message>
    <message>
        <source>its place on the map (GeoTIFF)</source>
        <translation>seine Lage auf der Karte (GeoTIFF)</translation>
    </message>
    <message>
        <source>metadata</source>
        <translation>Metadaten</translation>
    </message>
    <message>
        <source>pages that are damaged</source>
        <translation>beschädigte Seiten</translation>
    </message>
    <message>
        <source>photometric interpretation {number}</source>
        <translation>Farbdeutung (PhotometricInterpretation) {number}</translation>
    </message>
    <message>
        <source>predictor {number}</source>
        <translation>Prädiktor {number}</translation>
    </message>
    <message>
        <source>rank correlation with the bits spent before: {value:.3f}</source>
        <translation>Rangkorrelation mit den zuvor ausgegebenen Bits: {value:.3f}</translation>
    </message>
    <message>
        <source>samples of different depths</source>
        <translation>Kanäle verschiedener Bittiefe</translation>
    </message>
    <message>
        <source>samples with a sign</source>
        <translation>Werte mit Vorzeichen</translation>
    </message>
    <message>
        <source>strongest</source>
        <translation>am stärksten</translation>
    </message>
    <message>
        <source>subsampled colour without compression</source>
        <translation>unterabgetastete Farbe ohne Kompression</translation>
    </message>
    <message>
        <source>text in the file ({names})</source>
        <translation>Text in der Datei ({names})</translation>
    </message>
    <message>
        <source>the camera&apos;s raw data, of which this picture was developed</source>
        <translation>die Rohdaten der Kamera, aus denen dieses Bild entwickelt wurde</translation>
    </message>
    <message>
        <source>the colour profile, which does not fit the picture&apos;s channels</source>
        <translation>das Farbprofil (passt nicht zu den Kanälen des Bildes)</translation>
    </message>
    <message>
        <source>the colour profile, which is damaged or larger than the limit</source>
        <translation>das Farbprofil (beschädigt oder größer als die Grenze)</translation>
    </message>
    <message>
        <source>the colour profile, which is larger than the limit</source>
        <translation>das Farbprofil (größer als die Grenze)</translation>
    </message>
    <message>
        <source>the colour profile, which needs the package pillow-jxl-plugin</source>
        <translation>das Farbprofil (braucht das Paket pillow-jxl-plugin)</translation>
    </message>
    <message>
        <source>the comment</source>
        <translation>der Kommentar</translation>
    </message>
    <message>
        <source>the depth map</source>
        <translation>die Tiefenkarte</translation>
    </message>
    <message>
        <source>the gain map for brighter screens</source>
        <translation>die Gain-Map für hellere Bildschirme</translation>
    </message>
    <message>
        <source>the layers</source>
        <translation>die Ebenen</translation>
    </message>
    <message>
        <source>the lower 8 of 16 bits of its CMYK</source>
        <translation>die unteren 8 von 16 Bit der CMYK-Werte</translation>
    </message>
    <message>
        <source>the lower bits of its {bits}</source>
        <translation>die unteren seiner {bits} Bits</translation>
    </message>
    <message>
        <source>the mattes of a portrait</source>
        <translation>die Masken eines Porträts</translation>
    </message>
    <message>
        <source>the output exists and is damaged; remove it to have it made again</source>
        <translation>die Ausgabe existiert und ist beschädigt; wird sie entfernt, entsteht sie neu</translation>
    </message>
    <message>
        <source>the output is not what was written into it; remove it to have it made again</source>
        <translation>die Ausgabe ist nicht mehr, was hineingeschrieben wurde; wird sie entfernt, entsteht sie neu</translation>
    </message>
    <message>
        <source>the place</source>
        <translation>den Ort</translation>
    </message>
    <message>
        <source>the resolution of {dpi:.0f} dpi</source>
        <translation>die Auflösung von {dpi:.0f} dpi</translation>
    </message>
    <message>
        <source>the video beside the picture</source>
        <translation>das Video beim Bild</translation>
    </message>
    <message>
        <source>what is brighter than white or darker than black</source>
        <translation>was heller als Weiß oder dunkler als Schwarz ist</translation>
    </message>
    <message>
        <source>written before</source>
        <translation>schon früher geschrieben</translation>
    </message>
    <message>
        <source>{address} is a page of the web, not the file.</source>
        <translation>{address} ist eine Webseite, nicht die Datei.</translation>
    </message>
    <message>
        <source>{address} is encrypted, and this system has no OpenSSL 3 to open it with.</source>
        <translation>{address} ist verschlüsselt, und dieses System hat kein OpenSSL 3, um sie zu öffnen.</translation>
    </message>
    <message>
        <source>{address} is no address of the web.</source>
        <translation>{address} ist keine Webadresse.</translation>
    </message>
    <message>
        <source>{bits} bits per sample in this compression or colour space</source>
        <translation>{bits} Bit je Wert bei dieser Kompression oder in diesem Farbraum</translation>
    </message>
    <message>
        <source>{codec} is left out. {reason}</source>
        <translation>{codec} fehlt. {reason}</translation>
    </message>
    <message>
        <source>{codec} is left out: its file is that of {other}.</source>
        <translation>{codec} fehlt: die Datei ist dieselbe wie die von {other}.</translation>
    </message>
    <message>
        <source>{codec} is the better choice here: {psnr:.1f} dB in {size:,} bytes.</source>
        <translation>{codec} ist hier die bessere Wahl: {psnr:.1f} dB in {size:,} Bytes.</translation>
    </message>
    <message>
        <source>{codec} {setting:g}</source>
        <translation>{codec} {setting:g}</translation>
    </message>
    <message>
        <source>{codec}, attempt {number}</source>
        <translation>{codec}, Versuch {number}</translation>
    </message>
    <message>
        <source>{count} more channels</source>
        <translation>{count} weitere Kanäle</translation>
    </message>
    <message>
        <source>{count} more pages</source>
        <translation>{count} weitere Seiten</translation>
    </message>
    <message>
        <source>{count} samples per pixel</source>
        <translation>{count} Werte je Pixel</translation>
    </message>
    <message>
        <source>{count} workers were lost with this picture; perhaps it needs more memory than they have.</source>
        <translation>{count} Arbeitsprozesse gingen mit diesem Bild verloren; vielleicht braucht es mehr Speicher, als sie haben.</translation>
    </message>
    <message>
        <source>{file} has the weights of {other}, not of {model}.</source>
        <translation>{file} enthält die Gewichte von {other}, nicht von {model}.</translation>
    </message>
    <message>
        <source>{file} says that it is of another model than {model}.</source>
        <translation>{file} ist nach eigener Angabe von einem anderen Modell als {model}.</translation>
    </message>
    <message>
        <source>{first} and {second} could not be compared</source>
        <translation>{first} und {second} konnten nicht verglichen werden</translation>
    </message>
    <message>
        <source>{first}; {second}</source>
        <translation>{first}; {second}</translation>
    </message>
    <message>
        <source>{folder} has no checkpoint of {model}; a file of it could be called {example}.</source>
        <translation>In {folder} ist kein Checkpoint von {model}; eine Datei davon könnte {example} heißen.</translation>
    </message>
    <message>
        <source>{folder} has no room for the file: {needed:.1f} GB are needed, {free:.1f} GB are free.</source>
        <translation>In {folder} ist kein Platz für die Datei: {needed:.1f} GB werden gebraucht, {free:.1f} GB sind frei.</translation>
    </message>
    <message>
        <source>{host} cannot be reached, or breaks off again and again: {reason}.</source>
        <translation>{host} ist nicht zu erreichen oder bricht immer wieder ab: {reason}.</translation>
    </message>
    <message>
        <source>{host} gives the file to nobody now: too many have downloaded it lately. Try again in some hours, or take it from elsewhere.</source>
        <translation>{host} gibt die Datei gerade niemandem: Zu viele haben sie in letzter Zeit heruntergeladen. Versuchen Sie es in einigen Stunden noch einmal, oder nehmen Sie sie von anderswo.</translation>
    </message>
    <message>
        <source>{host} leads on to an address that is not encrypted.</source>
        <translation>{host} führt weiter zu einer unverschlüsselten Adresse.</translation>
    </message>
    <message>
        <source>{host} refuses to give the file: {reason}.</source>
        <translation>{host} gibt die Datei nicht her: {reason}.</translation>
    </message>
    <message>
        <source>{last} (wide)</source>
        <translation>{last} (breit)</translation>
    </message>
    <message>
        <source>{model} cannot be made smaller to {other}.</source>
        <translation>{model} lässt sich nicht zu {other} verkleinern.</translation>
    </message>
    <message>
        <source>{model} has no attention: its context passes from step to step as it is.</source>
        <translation>{model} hat keine Aufmerksamkeit: Sein Kontext geht unverändert von Schritt zu Schritt.</translation>
    </message>
    <message>
        <source>{model} has no coding steps; its pictures are decoded whole.</source>
        <translation>{model} hat keine Kodierschritte; seine Bilder werden im Ganzen dekodiert.</translation>
    </message>
    <message>
        <source>{model} has other stages.</source>
        <translation>{model} hat andere Stufen.</translation>
    </message>
    <message>
        <source>{model} has the channels 0 to {last}, and none with the number {number}.</source>
        <translation>{model} hat die Kanäle 0 bis {last} und keinen mit der Nummer {number}.</translation>
    </message>
    <message>
        <source>{model} has {count} coding steps; the number of steps is 0 to {count}.</source>
        <translation>{model} hat {count} Kodierschritte; die Zahl der Schritte ist 0 bis {count}.</translation>
    </message>
    <message>
        <source>{model} is not what it was when it was first got: its SHA-256 was {before} and is {now} now. Whoever trusts it adds --accept-changed to hpcm models get.</source>
        <translation>{model} ist nicht mehr, was es war, als es zum ersten Mal geholt wurde: Sein SHA-256 war {before} und ist jetzt {now}. Wer ihm traut, gibt hpcm models get --accept-changed mit.</translation>
    </message>
    <message>
        <source>{model} is part of this program and has no weights.</source>
        <translation>{model} ist ein Teil dieses Programms und hat keine Gewichte.</translation>
    </message>
    <message>
        <source>{model} is too large: its weights are kept in integers alone.</source>
        <translation>{model} ist zu groß: Seine Gewichte liegen nur als Ganzzahlen vor.</translation>
    </message>
    <message>
        <source>{most:.1f} bits</source>
        <translation>{most:.1f} Bit</translation>
    </message>
    <message>
        <source>{most:.1f} bits a position</source>
        <translation>{most:.1f} Bit je Stelle</translation>
    </message>
    <message>
        <source>{name} does not look like the picture in the file: hardly its original.</source>
        <translation>{name} sieht dem Bild in der Datei nicht ähnlich: kaum ihr Original.</translation>
    </message>
    <message>
        <source>{name} has larger or more strips or tiles than the limit.</source>
        <translation>{name} hat größere oder mehr Streifen oder Kacheln als erlaubt.</translation>
    </message>
    <message>
        <source>{name} has more samples than the limit.</source>
        <translation>{name} hat mehr Werte als erlaubt.</translation>
    </message>
    <message>
        <source>{name} has no picture {frame}.</source>
        <translation>{name} hat kein Bild {frame}.</translation>
    </message>
    <message>
        <source>{name} has no picture {frame}: it has {count}, counted from 0.</source>
        <translation>{name} hat kein Bild {frame}: Es sind {count}, gezählt ab 0.</translation>
    </message>
    <message>
        <source>{name} holds more than the model&apos;s weights.</source>
        <translation>{name} enthält mehr als die Gewichte des Modells.</translation>
    </message>
    <message>
        <source>{name} is a HEIF file of kind {kind}, which this program does not read.</source>
        <translation>{name} ist eine HEIF-Datei der Art {kind}, die dieses Programm nicht liest.</translation>
    </message>
    <message>
        <source>{name} is a JPEG XL file, for which the package imagecodecs must be installed.</source>
        <translation>{name} ist eine JPEG-XL-Datei; dafür muss das Paket imagecodecs installiert sein.</translation>
    </message>
    <message>
        <source>{name} is a TIFF file of a kind that this program does not read: {what}.</source>
        <translation>{name} ist eine TIFF-Datei einer Art, die dieses Programm nicht liest: {what}.</translation>
    </message>
    <message>
        <source>{name} is a camera&apos;s raw file ({kind}); develop it with a raw converter and save it as TIFF first.</source>
        <translation>{name} ist die Rohdatei einer Kamera ({kind}); entwickeln Sie sie zuerst mit einem RAW-Konverter und speichern Sie sie als TIFF.</translation>
    </message>
    <message>
        <source>{name} is a camera&apos;s raw file, for which the package rawpy must be installed.</source>
        <translation>{name} ist eine Rohdatei einer Kamera; dafür muss das Paket rawpy installiert sein.</translation>
    </message>
    <message>
        <source>{name} is a file of kind {kind}, which this program does not read.</source>
        <translation>{name} ist eine Datei der Art {kind}, die dieses Programm nicht liest.</translation>
    </message>
    <message>
        <source>{name} is being downloaded already.</source>
        <translation>{name} wird schon heruntergeladen.</translation>
    </message>
    <message>
        <source>{name} is damaged, or raw data of a camera that this program does not know.</source>
        <translation>{name} ist beschädigt oder enthält Rohdaten einer Kamera, die dieses Programm nicht kennt.</translation>
    </message>
    <message>
        <source>{name} is damaged: {reason}</source>
        <translation>{name} ist beschädigt: {reason}</translation>
    </message>
    <message>
        <source>{name} is larger than any HPCM checkpoint.</source>
        <translation>{name} ist größer als jeder Checkpoint von HPCM.</translation>
    </message>
    <message>
        <source>{name} is none of the published checkpoints.</source>
        <translation>{name} ist keiner der veröffentlichten Checkpoints.</translation>
    </message>
    <message>
        <source>{name} is not a checkpoint that can be loaded safely.</source>
        <translation>{name} ist kein Checkpoint, der sich sicher laden lässt.</translation>
    </message>
    <message>
        <source>{name} does not hold the parameters of a network.</source>
        <translation>{name} enthält keine Parameter eines Netzes.</translation>
    </message>
    <message>
        <source>{name} is not a checkpoint of {variant}: {count} tensors differ, such as {example}.</source>
        <translation>{name} ist kein Checkpoint von {variant}: {count} Tensoren weichen ab, etwa {example}.</translation>
    </message>
    <message>
        <source>{name} holds numbers that are not finite.</source>
        <translation>{name} enthält Zahlen, die nicht endlich sind.</translation>
    </message>
    <message>
        <source>There is no model called {name!r}.</source>
        <translation>Ein Modell namens „{name}“ gibt es nicht.</translation>
    </message>
    <message>
        <source>The file is damaged: its alpha plane cannot be read.</source>
        <translation>Die Datei ist beschädigt: Ihre Alpha-Ebene ist nicht lesbar.</translation>
    </message>
    <message>
        <source>{path} is a folder, not a picture.</source>
        <translation>{path} ist ein Ordner, kein Bild.</translation>
    </message>
    <message>
        <source>{path} is not a file.</source>
        <translation>{path} ist keine Datei.</translation>
    </message>
    <message>
        <source>{path} is empty.</source>
        <translation>{path} ist leer.</translation>
    </message>
    <message>
        <source>{path} does not exist.</source>
        <translation>{path} gibt es nicht.</translation>
    </message>
    <message>
        <source>{path} is too large.</source>
        <translation>{path} ist zu groß.</translation>
    </message>
    <message>
        <source>{path} may not be read by you.</source>
        <translation>Zum Lesen von {path} fehlt die Berechtigung.</translation>
    </message>
    <message>
        <source>{name} needs more memory than there is.</source>
        <translation>{name} braucht mehr Speicher, als da ist.</translation>
    </message>
    <message>
        <source>{name} is damaged, cut short or of a kind that this program does not read.</source>
        <translation>{name} ist beschädigt, abgeschnitten oder von einer Art, die dieses Programm nicht liest.</translation>
    </message>
    <message>
        <source>{name} has {width} x {height} pixels, which is more than the limit.</source>
        <translation>{name} hat {width} × {height} Pixel, mehr als erlaubt.</translation>
    </message>
    <message>
        <source>{name} has floating-point samples; convert it to 8 or 16 bits first.</source>
        <translation>{name} hat Gleitkommawerte und muss erst in 8 oder 16 Bit umgewandelt werden.</translation>
    </message>
    <message>
        <source>{name} has samples of more than 16 bits; convert it to 8 or 16 bits first.</source>
        <translation>{name} hat Werte von mehr als 16 Bit und muss erst in 8 oder 16 Bit umgewandelt werden.</translation>
    </message>
    <message>
        <source>The folder {folder} does not exist.</source>
        <translation>Den Ordner {folder} gibt es nicht.</translation>
    </message>
    <message>
        <source>A picture cannot be saved as {suffix}; use one of {known}.</source>
        <translation>Ein Bild lässt sich nicht als {suffix} speichern; möglich sind {known}.</translation>
    </message>
    <message>
        <source>a file without extension</source>
        <translation>Datei ohne Endung</translation>
    </message>
    <message>
        <source>The quality of a picture file must be between 0 and 100.</source>
        <translation>Die Qualität einer Bilddatei muss zwischen 0 und 100 liegen.</translation>
    </message>
    <message>
        <source>its size or metadata do not fit</source>
        <translation>Größe oder Metadaten passen nicht</translation>
    </message>
    <message>
        <source>This picture cannot be saved as {suffix}: {reason}.</source>
        <translation>Dieses Bild lässt sich nicht als {suffix} speichern: {reason}.</translation>
    </message>
    <message>
        <source>The job was cancelled.</source>
        <translation>Der Auftrag wurde abgebrochen.</translation>
    </message>
    <message>
        <source>No {model} model for {metric} is installed; see hpcm models list.</source>
        <translation>Kein Modell {model} für {metric} ist installiert; siehe hpcm models list.</translation>
    </message>
    <message>
        <source>{stage} (attempt {number})</source>
        <translation>{stage} (Versuch {number})</translation>
    </message>
    <message>
        <source>{model} does not reach {wanted:g} dB on this picture; its highest rate gives {reached:.2f} dB.</source>
        <translation>{model} erreicht bei diesem Bild keine {wanted:g} dB; die höchste Rate ergibt {reached:.2f} dB.</translation>
    </message>
    <message>
        <source>{model} cannot make this picture that small; its lowest rate gives {size:,} bytes ({bpp:.3f} bits per pixel).</source>
        <translation>{model} bekommt dieses Bild nicht so klein; die niedrigste Rate ergibt {size:,} Bytes ({bpp:.3f} Bits pro Pixel).</translation>
    </message>
    <message>
        <source>The recipe&apos;s model must be a name of at most 32 lower-case letters, digits, dots and hyphens.</source>
        <translation>Das Modell des Rezepts muss ein Name aus höchstens 32 Kleinbuchstaben, Ziffern, Punkten und Bindestrichen sein.</translation>
    </message>
    <message>
        <source>The recipe&apos;s metric must be one of {names}.</source>
        <translation>Die Metrik des Rezepts muss eine von diesen sein: {names}.</translation>
    </message>
    <message>
        <source>The recipe&apos;s {name} must be true or false.</source>
        <translation>Im Rezept muss {name} true oder false sein.</translation>
    </message>
    <message>
        <source>A recipe takes one of quality, lambda and target, not several.</source>
        <translation>Ein Rezept nimmt entweder Qualität, Lambda oder Ziel, nicht mehrere.</translation>
    </message>
    <message>
        <source>The model {model} is chosen by its lambda and takes no quality.</source>
        <translation>Das Modell {model} wird durch sein Lambda gewählt und nimmt keine Qualität.</translation>
    </message>
    <message>
        <source>The recipe&apos;s lambda must be a number above 0 and at most {most:g}.</source>
        <translation>Lambda muss im Rezept eine Zahl über 0 und höchstens {most:g} sein.</translation>
    </message>
    <message>
        <source>The model {model} needs a lambda.</source>
        <translation>Das Modell {model} braucht ein Lambda.</translation>
    </message>
    <message>
        <source>The target size must be a whole number of bytes above 0.</source>
        <translation>Die Zielgröße muss eine ganze Zahl von Bytes über 0 sein.</translation>
    </message>
    <message>
        <source>bits per pixel</source>
        <translation>Bits pro Pixel</translation>
    </message>
    <message>
        <source>The target must be a number of {unit} above 0 and at most {most:g}.</source>
        <translation>Das Ziel muss eine Zahl über 0 und höchstens {most:g} sein, in {unit}.</translation>
    </message>
    <message>
        <source>The recipe is not valid JSON.</source>
        <translation>Das Rezept ist kein gültiges JSON.</translation>
    </message>
    <message>
        <source>The recipe is not a JSON object.</source>
        <translation>Das Rezept ist kein JSON-Objekt.</translation>
    </message>
    <message>
        <source>The recipe&apos;s version is not {version}, the one that this program reads.</source>
        <translation>Das Rezept hat nicht die Version {version}, die dieses Programm liest.</translation>
    </message>
    <message>
        <source>The recipe has unknown keys: {names}.</source>
        <translation>Das Rezept hat unbekannte Schlüssel: {names}.</translation>
    </message>
    <message>
        <source>The recipe has a key without a value.</source>
        <translation>Das Rezept hat einen Schlüssel ohne Wert.</translation>
    </message>
    <message>
        <source>The rate position must be between 0 and {most}.</source>
        <translation>Die Stelle der Rate muss zwischen 0 und {most} liegen.</translation>
    </message>
    <message>
        <source>The lambda must be between {low:g} and {high:g}.</source>
        <translation>Lambda muss zwischen {low:g} und {high:g} liegen.</translation>
    </message>
    <message>
        <source>The quality must be a whole number from 0 to {most}.</source>
        <translation>Die Qualität muss eine ganze Zahl von 0 bis {most} sein.</translation>
    </message>
    <message>
        <source>The recipe has a key twice.</source>
        <translation>Das Rezept hat einen Schlüssel zweimal.</translation>
    </message>
    <message>
        <source>the disk may be full</source>
        <translation>vielleicht ist der Datenträger voll</translation>
    </message>
    <message>
        <source>The checkpoint {path} cannot be written: {reason}. The last one is untouched.</source>
        <translation>Der Checkpoint {path} kann nicht geschrieben werden: {reason}. Der letzte ist unversehrt.</translation>
    </message>
    <message>
        <source>There is no checkpoint {path} to resume from.</source>
        <translation>Zum Fortsetzen gibt es keinen Checkpoint {path}.</translation>
    </message>
    <message>
        <source>{path} is damaged or not a checkpoint of a training.</source>
        <translation>{path} ist beschädigt oder kein Checkpoint eines Trainings.</translation>
    </message>
    <message>
        <source>The disk of {folder} is too full: checkpoints need {needed:.0f} MiB, {free:.0f} MiB are free.</source>
        <translation>Der Datenträger von {folder} ist zu voll: Checkpoints brauchen {needed:.0f} MiB, {free:.0f} MiB sind frei.</translation>
    </message>
    <message>
        <source>The {name} must be one of {names}, not {value!r}.</source>
        <translation>Für {name} gibt es {names}, nicht „{value}“.</translation>
    </message>
    <message>
        <source>Every lambda must be a positive number.</source>
        <translation>Jedes Lambda muss eine positive Zahl sein.</translation>
    </message>
    <message>
        <source>The model {variant} takes two or more lambdas in rising order.</source>
        <translation>Das Modell {variant} nimmt zwei oder mehr Lambdas in steigender Folge.</translation>
    </message>
    <message>
        <source>The model {variant} is trained for one lambda; {count} were given.</source>
        <translation>Das Modell {variant} wird für ein einziges Lambda trainiert; angegeben sind {count}.</translation>
    </message>
    <message>
        <source>Crops must have a size.</source>
        <translation>Ausschnitte müssen eine Größe haben.</translation>
    </message>
    <message>
        <source>{name} must be positive, not {value}.</source>
        <translation>{name} muss positiv sein, nicht {value}.</translation>
    </message>
    <message>
        <source>{name} must be 0 or more, not {value}.</source>
        <translation>{name} muss 0 oder mehr sein, nicht {value}.</translation>
    </message>
    <message>
        <source>Only a training for MSE takes a part of MS-SSIM.</source>
        <translation>Nur ein Training für MSE nimmt einen Anteil MS-SSIM.</translation>
    </message>
    <message>
        <source>Zoom must be 1 or more, not {zoom}.</source>
        <translation>Zoom muss 1 oder mehr sein, nicht {zoom}.</translation>
    </message>
    <message>
        <source>{name} must be between 0 and 1.</source>
        <translation>{name} muss zwischen 0 und 1 liegen.</translation>
    </message>
    <message>
        <source>Hold and tail must leave room between them, and the average must move.</source>
        <translation>Hold und Tail müssen Platz zwischen sich lassen, und der Mittelwert muss sich bewegen.</translation>
    </message>
    <message>
        <source>Betas must be two numbers from 0 up to, not including, 1.</source>
        <translation>Betas müssen zwei Zahlen ab 0 und unter 1 sein.</translation>
    </message>
    <message>
        <source>A run needs a number of steps or of minutes.</source>
        <translation>Ein Lauf braucht eine Zahl von Schritten oder Minuten.</translation>
    </message>
    <message>
        <source>The training configuration is damaged.</source>
        <translation>Die Konfiguration des Trainings ist beschädigt.</translation>
    </message>
    <message>
        <source>The run to resume has {name} {before}, not {value}; start a new run, from its weights with --init if you like.</source>
        <translation>Der Lauf hat {name} {before}, nicht {value}; das verlangt einen neuen Lauf, auf Wunsch mit --init von seinen Gewichten aus.</translation>
    </message>
    <message>
        <source>{number} of {count} pictures in {folder} are too small for crops of {side} pixels a side, such as {name}.</source>
        <translation>{number} von {count} Bildern in {folder} sind zu klein für Ausschnitte von {side} Pixeln je Seite, etwa {name}.</translation>
    </message>
    <message>
        <source>{path} is too small to validate with: its sides must have 256 pixels at least.</source>
        <translation>{path} ist zu klein zum Validieren: Jede Seite muss mindestens 256 Pixel haben.</translation>
    </message>
    <message>
        <source>The weights {name} are not finite or too large to be stored.</source>
        <translation>Die Gewichte {name} sind nicht endlich oder zu groß zum Speichern.</translation>
    </message>
    <message>
        <source>A batch of {batch} cannot be shared among {count} processes.</source>
        <translation>Ein Batch von {batch} lässt sich nicht auf {count} Prozesse verteilen.</translation>
    </message>
    <message>
        <source>{folder} already holds a training; --resume continues it.</source>
        <translation>{folder} enthält schon ein Training; --resume setzt es fort.</translation>
    </message>
    <message>
        <source>{path} is a checkpoint of another configuration.</source>
        <translation>{path} ist ein Checkpoint einer anderen Konfiguration.</translation>
    </message>
    <message>
        <source>The loss is no longer finite after step {step}. The last checkpoint is from before; start from its weights with a lower learning rate.</source>
        <translation>Nach Schritt {step} ist der Verlust nicht mehr endlich. Der letzte Checkpoint ist von vorher; ein Neuanfang von seinen Gewichten braucht eine kleinere Lernrate.</translation>
    </message>
    <message>
        <source>The training&apos;s files in {folder} cannot be written: {reason}.</source>
        <translation>Die Dateien des Trainings in {folder} können nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>There is no device called {name!r}; choose auto, cpu or cuda.</source>
        <translation>Ein Gerät namens „{name}“ gibt es nicht; möglich sind auto, cpu und cuda.</translation>
    </message>
    <message>
        <source>There is no CUDA device to compute on here: this PyTorch is built without CUDA; choose auto or cpu.</source>
        <translation>Hier gibt es kein CUDA-Gerät zum Rechnen: Dieses PyTorch ist ohne CUDA gebaut; möglich sind auto und cpu.</translation>
    </message>
    <message>
        <source>There is no CUDA device to compute on here; choose auto or cpu.</source>
        <translation>Hier gibt es kein CUDA-Gerät zum Rechnen; möglich sind auto und cpu.</translation>
    </message>
    <message>
        <source>There are {count} CUDA devices here, counted from 0; choose cuda.</source>
        <translation>Hier gibt es {count} CUDA-Geräte, gezählt ab 0; cuda nimmt das erste.</translation>
    </message>
    <message>
        <source>The graphics card has not enough memory for this picture; close what else uses it, or choose the processor (device cpu).</source>
        <translation>Der Speicher der Grafikkarte reicht nicht für dieses Bild; es hilft, zu schließen, was sie sonst benutzt, oder der Prozessor (Gerät cpu).</translation>
    </message>
    <message>
        <source>Codec ready · {device}</source>
        <translation>Codec bereit · {device}</translation>
    </message>
    <message>
        <source>Codec restarting</source>
        <translation>Codec startet neu</translation>
    </message>
    <message>
        <source>Codec unavailable</source>
        <translation>Codec nicht verfügbar</translation>
    </message>
    <message>
        <source>Duel</source>
        <translation>Duell</translation>
    </message>
    <message>
        <source>At equal bytes</source>
        <translation>Bei gleichen Bytes</translation>
    </message>
    <message>
        <source>At equal PSNR</source>
        <translation>Bei gleichem PSNR</translation>
    </message>
    <message>
        <source>At equal MS-SSIM</source>
        <translation>Bei gleichem MS-SSIM</translation>
    </message>
    <message>
        <source>What shall be equal</source>
        <translation>Was gleich sein soll</translation>
    </message>
    <message>
        <source>Start or stop the duel</source>
        <translation>Das Duell starten oder anhalten</translation>
    </message>
    <message>
        <source>Side by side (P)</source>
        <translation>Nebeneinander (P)</translation>
    </message>
    <message>
        <source>Cross wipe (W)</source>
        <translation>Kreuzblende (W)</translation>
    </message>
    <message>
        <source>One at a time (1 to 9)</source>
        <translation>Eines nach dem anderen (1 bis 9)</translation>
    </message>
    <message>
        <source>How the pictures are laid out</source>
        <translation>Wie die Bilder angeordnet sind</translation>
    </message>
    <message>
        <source>Differences from the original (D); [ and ] change the gain</source>
        <translation>Differenzen zum Original (D); [ und ] ändern die Verstärkung</translation>
    </message>
    <message>
        <source>Blind test</source>
        <translation>Blindtest</translation>
    </message>
    <message>
        <source>Judge the pictures without their names</source>
        <translation>Die Bilder ohne ihre Namen beurteilen</translation>
    </message>
    <message>
        <source>Names hidden, order shuffled: pick the better of two by key (B)</source>
        <translation>Namen verborgen, Reihenfolge gemischt: mit einer Taste das bessere von zweien wählen (B)</translation>
    </message>
    <message>
        <source>Candidates…</source>
        <translation>Kandidaten …</translation>
    </message>
    <message>
        <source>Choose who takes part</source>
        <translation>Wählen, wer teilnimmt</translation>
    </message>
    <message>
        <source>Who takes part in the next duel (C)</source>
        <translation>Wer am nächsten Duell teilnimmt (C)</translation>
    </message>
    <message>
        <source>Which is closer to the original? Hold Space to see it.</source>
        <translation>Welches ist näher am Original? Leertaste halten zeigt es.</translation>
    </message>
    <message>
        <source>A is better (1)</source>
        <translation>A ist besser (1)</translation>
    </message>
    <message>
        <source>No difference (0)</source>
        <translation>Kein Unterschied (0)</translation>
    </message>
    <message>
        <source>B is better (2)</source>
        <translation>B ist besser (2)</translation>
    </message>
    <message>
        <source>End (Esc)</source>
        <translation>Beenden (Esc)</translation>
    </message>
    <message>
        <source>End the blind test now</source>
        <translation>Den Blindtest jetzt beenden</translation>
    </message>
    <message>
        <source>Progress of the duel</source>
        <translation>Fortschritt des Duells</translation>
    </message>
    <message>
        <source>Save table…</source>
        <translation>Tabelle speichern …</translation>
    </message>
    <message>
        <source>Save the figures as CSV</source>
        <translation>Die Zahlen als CSV speichern</translation>
    </message>
    <message>
        <source>The duel was stopped.</source>
        <translation>Das Duell wurde angehalten.</translation>
    </message>
    <message>
        <source>One to four pictures can be seen at a time.</source>
        <translation>Ein bis vier Bilder sind zugleich zu sehen.</translation>
    </message>
    <message>
        <source>Round {number} of {count}</source>
        <translation>Runde {number} von {count}</translation>
    </message>
    <message>
        <source>The judgements are kept in {path}</source>
        <translation>Die Urteile stehen in {path}</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>{name} gespeichert</translation>
    </message>
    <message>
        <source>The original is never overwritten; please choose another name.</source>
        <translation>Das Original wird nie überschrieben; bitte wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>The result could not be prepared for showing.</source>
        <translation>Das Ergebnis konnte nicht zum Zeigen vorbereitet werden.</translation>
    </message>
    <message>
        <source>The file does not decode to the picture that is shown. Please encode it again.</source>
        <translation>Die Datei ergibt dekodiert nicht das gezeigte Bild. Bitte kodieren Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The program met an error of its own: {reason}</source>
        <translation>Das Programm stieß auf einen eigenen Fehler: {reason}</translation>
    </message>
    <message>
        <source>{first} is {width} × {height} pixels and {second} {other_width} × {other_height}; only pictures of one size can be compared.</source>
        <translation>{first} hat {width} × {height} Pixel und {second} {other_width} × {other_height}; nur Bilder einer Größe lassen sich vergleichen.</translation>
    </message>
    <message>
        <source>The codec could not be loaded: {reason}</source>
        <translation>Der Codec konnte nicht geladen werden: {reason}</translation>
    </message>
    <message>
        <source>The codec met an error of its own: {reason}</source>
        <translation>Der Codec stieß auf einen eigenen Fehler: {reason}</translation>
    </message>
    <message>
        <source>There was not enough memory for this picture.</source>
        <translation>Der Speicher reichte nicht für dieses Bild.</translation>
    </message>
    <message>
        <source>There was not enough memory to hand the picture to the codec.</source>
        <translation>Der Speicher reichte nicht, um das Bild dem Codec zu geben.</translation>
    </message>
    <message>
        <source>There was not enough memory to take the result over.</source>
        <translation>Der Speicher reichte nicht, um das Ergebnis zu übernehmen.</translation>
    </message>
    <message>
        <source>The codec process ended again and again before it was ready.</source>
        <translation>Der Codec-Prozess endete immer wieder, bevor er bereit war.</translation>
    </message>
    <message>
        <source>The codec stopped unexpectedly and was restarted.</source>
        <translation>Der Codec endete unerwartet und wurde neu gestartet.</translation>
    </message>
    <message>
        <source>The graphics card failed; if it does so again, choose the processor in the settings.</source>
        <translation>Die Grafikkarte versagte; geschieht es wieder, wählen Sie in den Einstellungen den Prozessor.</translation>
    </message>
    <message>
        <source>{name} is damaged or not a picture of a kind that this program reads.</source>
        <translation>{name} ist beschädigt oder kein Bild einer Art, die dieses Programm liest.</translation>
    </message>
    <message>
        <source>There is not enough memory to save this picture.</source>
        <translation>Der Speicher reicht nicht, um dieses Bild zu speichern.</translation>
    </message>
    <message>
        <source>The model {name} is not installed. {how}</source>
        <translation>Das Modell {name} ist nicht installiert. {how}</translation>
    </message>
    <message>
        <source>The name template has no field {names}; there are {fields}.</source>
        <translation>Die Namensvorlage kennt kein Feld {names}; es gibt {fields}.</translation>
    </message>
    <message>
        <source>the output exists</source>
        <translation>die Ausgabe besteht</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <source>the output would overwrite its own source</source>
        <translation>die Ausgabe würde ihre eigene Quelle überschreiben</translation>
    </message>
    <message>
        <source>another picture of this batch has the same output name</source>
        <translation>ein anderes Bild dieses Stapels hat denselben Ausgabenamen</translation>
    </message>
    <message>
        <source>Open {name} again</source>
        <translation>{name} wieder öffnen</translation>
    </message>
    <message>
        <source>Welcome page</source>
        <translation>Willkommensseite</translation>
    </message>
    <message>
        <source>Drop a picture here</source>
        <translation>Ein Bild hier ablegen</translation>
    </message>
    <message>
        <source>PNG, JPEG, HEIC, WebP, TIFF, AVIF, JPEG XL, RAW or .hpcm</source>
        <translation>PNG, JPEG, HEIC, WebP, TIFF, AVIF, JPEG XL, RAW oder .hpcm</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen …</translation>
    </message>
    <message>
        <source>Try a sample photograph</source>
        <translation>Beispielfoto ausprobieren</translation>
    </message>
    <message>
        <source>Open the sample photograph</source>
        <translation>Das Beispielfoto öffnen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Click to copy</source>
        <translation>Klicken zum Kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Model {name}: {state}</source>
        <translation>Modell {name}: {state}</translation>
    </message>
    <message>
        <source>Codec loading…</source>
        <translation>Codec lädt …</translation>
    </message>
    <message>
        <source>Pixel under the pointer</source>
        <translation>Pixel unter dem Zeiger</translation>
    </message>
    <message>
        <source>Picture size</source>
        <translation>Bildgröße</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Vergrößerung</translation>
    </message>
    <message>
        <source>Codec state</source>
        <translation>Zustand des Codecs</translation>
    </message>
    <message>
        <source>Show the models that are being got</source>
        <translation>Die Modelle zeigen, die geholt werden</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>Zuletzt &amp;geöffnet</translation>
    </message>
    <message>
        <source>There are no further pictures there.</source>
        <translation>Dort sind keine weiteren Bilder.</translation>
    </message>
    <message>
        <source>{count} done</source>
        <translation>{count} fertig</translation>
    </message>
    <message>
        <source>The batch is finished: {what}</source>
        <translation>Der Stapel ist fertig: {what}</translation>
    </message>
    <message>
        <source>{what}: {number} of {total}</source>
        <translation>{what}: {number} von {total}</translation>
    </message>
    <message>
        <source>Open a folder</source>
        <translation>Einen Ordner öffnen</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>In der Zwischenablage ist kein Bild.</translation>
    </message>
    <message>
        <source>Checkpoints are imported one at a time.</source>
        <translation>Checkpoints werden einzeln importiert.</translation>
    </message>
    <message>
        <source>Installed {name}</source>
        <translation>{name} installiert</translation>
    </message>
    <message>
        <source>Copied the view</source>
        <translation>Ansicht kopiert</translation>
    </message>
    <message>
        <source>Copied {name}</source>
        <translation>{name} kopiert</translation>
    </message>
    <message>
        <source>The log files are in {folder}</source>
        <translation>Die Protokolldateien sind in {folder}</translation>
    </message>
    <message>
        <source>&amp;Clear list</source>
        <translation>Liste &amp;leeren</translation>
    </message>
    <message>
        <source>Found: {what}</source>
        <translation>Gefunden: {what}</translation>
    </message>
    <message>
        <source>This build computes on the processor (CPU). The page “Installing” of the documentation tells how to compute on a graphics card.</source>
        <translation>Dieses Programm rechnet auf dem Prozessor (CPU). Wie es auf einer Grafikkarte rechnet, sagt die Seite „Installing“ der Dokumentation.</translation>
    </message>
    <message>
        <source>This is the small build, which computes with the bundled model alone. The full one, hpcm-studio instead of hpcm-studio-small, has Base and Large too.</source>
        <translation>Dies ist die kleine Ausgabe, die nur mit dem mitgelieferten Modell rechnet. Die vollständige, hpcm-studio statt hpcm-studio-small, hat auch Base und Large.</translation>
    </message>
    <message>
        <source>{rate} bpp here ({bits} bit in {side} × {side}, {name})</source>
        <translation>{rate} bpp hier ({bits} Bit in {side} × {side}, {name})</translation>
    </message>
    <message>
        <source>From {low} to {high}</source>
        <translation>Von {low} bis {high}</translation>
    </message>
    <message>
        <source>Not saved</source>
        <translation>Nicht gespeichert</translation>
    </message>
    <message>
        <source>The batch: {finished} of {total} pictures are done.</source>
        <translation>Der Stapel: {finished} von {total} Bildern sind fertig.</translation>
    </message>
    <message>
        <source>The picture is being encoded.</source>
        <translation>Das Bild wird gerade kodiert.</translation>
    </message>
    <message>
        <source>The compressed file is not saved.</source>
        <translation>Die komprimierte Datei ist nicht gespeichert.</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Quit, and lose this?</source>
        <translation>Beenden, obwohl das verloren geht?</translation>
    </message>
    <message>
        <source>Don&apos;t ask again</source>
        <translation>Nicht mehr fragen</translation>
    </message>
    <message>
        <source>Batch: {finished} of {total}</source>
        <translation>Stapel: {finished} von {total}</translation>
    </message>
    <message>
        <source>Show the batch</source>
        <translation>Den Stapel zeigen</translation>
    </message>
    <message>
        <source>Which picture of the file</source>
        <translation>Welches Bild der Datei</translation>
    </message>
    <message>
        <source>Which picture of the file (Page up, Page down)</source>
        <translation>Welches Bild der Datei (Bild auf, Bild ab)</translation>
    </message>
    <message>
        <source>of {count} in the file</source>
        <translation>von {count} in der Datei</translation>
    </message>
    <message>
        <source>of several in the file</source>
        <translation>von mehreren in der Datei</translation>
    </message>
    <message>
        <source>en</source>
        <translation>de</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>noch {count} s</translation>
    </message>
    <message>
        <source>{count} min left</source>
        <translation>noch {count} min</translation>
    </message>
    <message>
        <source>{count} h left</source>
        <translation>noch {count} h</translation>
    </message>
    <message>
        <source>That is the last picture of the folder.</source>
        <translation>Das ist das letzte Bild des Ordners.</translation>
    </message>
    <message>
        <source>That is the first picture of the folder.</source>
        <translation>Das ist das erste Bild des Ordners.</translation>
    </message>
    <message>
        <source>The file is in {folder}</source>
        <translation>Die Datei ist in {folder}</translation>
    </message>
    <message>
        <source>No browser opened the address. It is {address}</source>
        <translation>Kein Browser hat die Adresse geöffnet. Sie lautet {address}</translation>
    </message>
    <message>
        <source>Pictures of the duel</source>
        <translation>Bilder des Duells</translation>
    </message>
    <message>
        <source>After {steps}</source>
        <translation>Stand: {steps}</translation>
    </message>
    <message>
        <source>All channels</source>
        <translation>Alle Kanäle</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>{value}  · ≈ {rate} bpp</source>
        <translation>{value}  · ≈ {rate} bpp</translation>
    </message>
    <message>
        <source>The loss in training was λ · distortion + rate: a larger λ makes larger files and better pictures. Each λ is a model of its own.</source>
        <translation>Der Verlust im Training war λ · Verzerrung + Rate: Ein größeres λ gibt größere Dateien und bessere Bilder. Jedes λ ist ein eigenes Modell.</translation>
    </message>
    <message>
        <source>Published means on the Kodak pictures: {rate} bpp at {quality} {unit}.</source>
        <translation>Veröffentlichte Mittelwerte auf den Kodak-Bildern: {rate} bpp bei {quality} {unit}.</translation>
    </message>
    <message>
        <source>Quality {quality} is λ = {value}: the weight of distortion against rate. Higher means larger and better.</source>
        <translation>Qualität {quality} ist λ = {value}: das Gewicht der Verzerrung gegen die Rate. Höher heißt größer und besser.</translation>
    </message>
    <message>
        <source>Models: {finished} of {total}</source>
        <translation>Modelle: {finished} von {total}</translation>
    </message>
    <message>
        <source>Models installed: {count}</source>
        <translation>Installierte Modelle: {count}</translation>
    </message>
    <message>
        <source>Models that did not come: {count}. Get models… tells why.</source>
        <translation>Modelle, die nicht kamen: {count}. „Modelle holen …“ sagt, warum.</translation>
    </message>
    <message>
        <source>Keep better</source>
        <translation>Besser bewahren</translation>
    </message>
    <message>
        <source>Code cheaply</source>
        <translation>Sparsam kodieren</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Histogram of errors</source>
        <translation>Histogramm der Fehler</translation>
    </message>
    <message>
        <source>Logarithmic</source>
        <translation>Logarithmisch</translation>
    </message>
    <message>
        <source>Show rare errors as well as frequent ones</source>
        <translation>Seltene Fehler ebenso zeigen wie häufige</translation>
    </message>
    <message>
        <source>What is counted</source>
        <translation>Was gezählt wird</translation>
    </message>
    <message>
        <source>Save the histogram as PNG or CSV</source>
        <translation>Das Histogramm als PNG oder CSV speichern</translation>
    </message>
    <message>
        <source>Share of the pixels over the error in 8-bit levels</source>
        <translation>Anteil der Pixel über dem Fehler in 8-Bit-Stufen</translation>
    </message>
    <message>
        <source>Mean, deviation and extremes of the errors</source>
        <translation>Mittel, Streuung und Grenzen der Fehler</translation>
    </message>
    <message>
        <source>Error in 8-bit levels</source>
        <translation>Fehler in 8-Bit-Stufen</translation>
    </message>
    <message>
        <source>Pixels in %</source>
        <translation>Pixel in %</translation>
    </message>
    <message>
        <source>{plane}: mean {mean}, RMS {rms}, from {low} to {high}, {share} % within ±{within}</source>
        <translation>{plane}: Mittel {mean}, RMS {rms}, von {low} bis {high}, {share} % innerhalb ±{within}</translation>
    </message>
    <message>
        <source>The histogram can be saved as PNG or CSV.</source>
        <translation>Das Histogramm kann als PNG oder CSV gespeichert werden.</translation>
    </message>
    <message>
        <source>Needs an original and a result</source>
        <translation>Braucht ein Original und ein Ergebnis</translation>
    </message>
    <message>
        <source>All {count} pixels</source>
        <translation>Alle {count} Pixel</translation>
    </message>
    <message>
        <source>The selection&apos;s {count} pixels</source>
        <translation>Die {count} Pixel der Auswahl</translation>
    </message>
    <message>
        <source>of the faithful picture</source>
        <translation>vom getreuen Bild</translation>
    </message>
    <message>
        <source>Its number among the latents, or that of z</source>
        <translation>Seine Nummer unter den Latents, oder die von z</translation>
    </message>
    <message>
        <source>Coded in</source>
        <translation>Kodiert in</translation>
    </message>
    <message>
        <source>The coding step</source>
        <translation>Der Kodierschritt</translation>
    </message>
    <message>
        <source>Mean of the distribution: what the model expected</source>
        <translation>Mittelwert der Verteilung: was das Modell erwartete</translation>
    </message>
    <message>
        <source>Scale of the distribution: how sure the model was</source>
        <translation>Breite der Verteilung: wie sicher das Modell war</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Which of 60 probability tables, by σ</source>
        <translation>Welche von 60 Wahrscheinlichkeitstabellen, nach σ</translation>
    </message>
    <message>
        <source>Symbol</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>What was coded: value less μ</source>
        <translation>Was kodiert wurde: Wert minus μ</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>What a decoder has</source>
        <translation>Was ein Decoder hat</translation>
    </message>
    <message>
        <source>What it cost</source>
        <translation>Was es kostete</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Bits that a symbol of its table costs on average</source>
        <translation>Bits, die ein Symbol seiner Tabelle im Mittel kostet</translation>
    </message>
    <message>
        <source>Surprise</source>
        <translation>Überraschung</translation>
    </message>
    <message>
        <source>Bits above the expected: how far off the model was</source>
        <translation>Bits über den erwarteten: wie weit das Modell danebenlag</translation>
    </message>
    <message>
        <source>Latents at the place</source>
        <translation>Latents an der Stelle</translation>
    </message>
    <message>
        <source>Preview of {name}, which is being decoded</source>
        <translation>Vorschau von {name}, das gerade dekodiert wird</translation>
    </message>
    <message>
        <source>Preview · {name} is being decoded</source>
        <translation>Vorschau · {name} wird dekodiert</translation>
    </message>
    <message>
        <source>the part in sight first</source>
        <translation>zuerst der sichtbare Teil</translation>
    </message>
    <message>
        <source>Look, from faithful to natural</source>
        <translation>Darstellung, von getreu bis natürlich</translation>
    </message>
    <message>
        <source>invented detail</source>
        <translation>erfundene Details</translation>
    </message>
    <message>
        <source>Store in the file</source>
        <translation>In der Datei merken</translation>
    </message>
    <message>
        <source>Store this look in the file</source>
        <translation>Diese Darstellung in der Datei merken</translation>
    </message>
    <message>
        <source>A saved .hpcm file then opens with this look, and is a few bytes larger.</source>
        <translation>Eine gespeicherte .hpcm-Datei öffnet sich dann mit dieser Darstellung und ist einige Bytes größer.</translation>
    </message>
    <message>
        <source>Programs that know no looks show the faithful picture.</source>
        <translation>Programme, die keine Darstellungen kennen, zeigen das getreue Bild.</translation>
    </message>
    <message>
        <source>Faithful</source>
        <translation>Getreu</translation>
    </message>
    <message>
        <source>Natural</source>
        <translation>Natürlich</translation>
    </message>
    <message>
        <source>none from quality {value} on</source>
        <translation>ab Qualität {value} keine</translation>
    </message>
    <message>
        <source>The same file, the same bytes: toward natural, more of the texture is made up.</source>
        <translation>Dieselbe Datei, dieselben Bytes: je natürlicher, desto mehr von der Textur ist erfunden.</translation>
    </message>
    <message>
        <source>Never take it for evidence, nor measure it; every figure is of the faithful picture.</source>
        <translation>Nie als Beweis nehmen und nichts daran messen; alle Zahlen sind vom getreuen Bild.</translation>
    </message>
    <message>
        <source>At so high a quality nothing is missing that could be invented.</source>
        <translation>Bei so hoher Qualität fehlt nichts, was erfunden werden könnte.</translation>
    </message>
    <message>
        <source>There is no result to look at yet.</source>
        <translation>Es gibt noch kein Ergebnis.</translation>
    </message>
    <message>
        <source>The model of this file has no natural look.</source>
        <translation>Das Modell dieser Datei hat keine natürliche Darstellung.</translation>
    </message>
    <message>
        <source>Candidates of the duel</source>
        <translation>Kandidaten des Duells</translation>
    </message>
    <message>
        <source>Formats</source>
        <translation>Formate</translation>
    </message>
    <message>
        <source>Other models, at the same size or quality</source>
        <translation>Andere Modelle, bei gleicher Größe oder Qualität</translation>
    </message>
    <message>
        <source>Results of this picture, as they are</source>
        <translation>Ergebnisse dieses Bildes, wie sie sind</translation>
    </message>
    <message>
        <source>Results of other qualities are here as soon as they were made in the main window.</source>
        <translation>Ergebnisse anderer Qualitäten stehen hier, sobald sie im Hauptfenster gemacht wurden.</translation>
    </message>
    <message>
        <source>At most {count} can take part.</source>
        <translation>Höchstens {count} können teilnehmen.</translation>
    </message>
    <message>
        <source>Name of the file</source>
        <translation>Name der Datei</translation>
    </message>
    <message>
        <source>Choose the folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>{name} exists in this folder. Replace it?</source>
        <translation>{name} gibt es in diesem Ordner. Ersetzen?</translation>
    </message>
    <message>
        <source>Folder of the exported picture</source>
        <translation>Ordner des exportierten Bildes</translation>
    </message>
</context>
</TS>
