; Inno Setup 6.3 or newer. From the project's folder:
;   python installers/windows/make_resources.py     the icon and the version resource
;   python installers/bundle/build.py build/dist    the program itself
;   iscc installers\windows\hpcm-studio.iss         build\dist\HPCM-Studio-VERSION-windows-x64.exe
; and, without PyTorch, build.py build/dist --small and iscc /DSmall: HPCM-Studio-Small-VERSION-windows-x64.exe. Both are
; one program to Windows, so each takes the other's place.
; Silently: /VERYSILENT /SUPPRESSMSGBOXES, for this user (/CURRENTUSER, the default) or for all (/ALLUSERS).

#ifdef Small
  #define Edition "-Small"
#else
  #define Edition ""
#endif
#ifndef Bundle
  #define Bundle "..\..\build\dist\hpcm-studio" + Lowercase(Edition)
#endif
#ifndef Output
  #define Output "..\..\build\dist"
#endif
; {localappdata}\Programs means the same for one user; Wine, in which the script is tried out, knows that alone.
#ifndef Folder
  #define Folder "{autopf}"
#endif
; The program's own version resource is the one place that says which version this is.
#define AppVersion GetStringFileInfo(Bundle + "\hpcm-studio.exe", "ProductVersion")
#define FileClass "HPCMStudio.File.1"
#define Verb "HPCMStudio.Compress"

[Setup]
AppId={{6B1F6F0C-93D2-4F0B-9C0B-6A2D8F1E57C4}
AppName=HPCM Studio
AppVersion={#AppVersion}
AppVerName=HPCM Studio {#AppVersion}
AppPublisher=The HPCM Studio developers
VersionInfoVersion={#AppVersion}
DefaultDirName={#Folder}\HPCM Studio
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
UsePreviousPrivileges=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
ChangesAssociations=yes
ChangesEnvironment=yes
CloseApplications=yes
RestartApplications=no
SetupIconFile=hpcm-studio.ico
UninstallDisplayIcon={app}\hpcm-studio.exe
WizardStyle=modern
Compression=lzma2/max
SolidCompression=yes
OutputDir={#Output}
OutputBaseFilename=HPCM-Studio{#Edition}-{#AppVersion}-windows-x64

[Tasks]
Name: "associate"; Description: "Open .hpcm files with HPCM Studio"
Name: "verb"; Description: "Show ""Compress with HPCM"" in the menu of pictures"
Name: "path"; Description: "Make the hpcm command known to the command line (PATH)"; Flags: unchecked
Name: "desktop"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Libraries of an earlier version must not be found by this one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
; The C and C++ runtimes of Microsoft are among them, so nothing has to be installed for all users.
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\HPCM Studio"; Filename: "{app}\hpcm-studio.exe"; Comment: "Compress pictures and see what it did to them"
Name: "{autodesktop}\HPCM Studio"; Filename: "{app}\hpcm-studio.exe"; Tasks: desktop

[Registry]
Root: HKA; Subkey: "Software\Classes\{#FileClass}"; ValueType: string; ValueName: ""; ValueData: "HPCM picture"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\{#FileClass}\DefaultIcon"; ValueType: string; ValueName: ""; ValueData: "{app}\hpcm-studio.exe,0"
Root: HKA; Subkey: "Software\Classes\{#FileClass}\shell\open\command"; ValueType: string; ValueName: ""; ValueData: """{app}\hpcm-studio.exe"" ""%1"""
; Uninstalling goes through these from the last to the first: a key comes before what is in it.
Root: HKA; Subkey: "Software\Classes\.hpcm"; Flags: uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\.hpcm\OpenWithProgids"; ValueType: string; ValueName: "{#FileClass}"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\.hpcm"; ValueType: string; ValueName: "Content Type"; ValueData: "image/x-hpcm"; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\.hpcm"; ValueType: string; ValueName: ""; ValueData: "{#FileClass}"; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: associate
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\hpcm-studio.exe"; ValueType: string; ValueName: ""; ValueData: "{app}\hpcm-studio.exe"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\hpcm.exe"; ValueType: string; ValueName: ""; ValueData: "{app}\hpcm.exe"; Flags: uninsdeletekey

Root: HKA; Subkey: "Software\Classes\SystemFileAssociations"; Flags: uninsdeletekeyifempty; Tasks: verb
#define Suffix
#sub CompressVerb
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\{#Suffix}"; Flags: uninsdeletekeyifempty; Tasks: verb
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\{#Suffix}\shell"; Flags: uninsdeletekeyifempty; Tasks: verb
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\{#Suffix}\shell\{#Verb}"; ValueType: string; ValueName: "MUIVerb"; ValueData: "Compress with HPCM"; Flags: uninsdeletekey; Tasks: verb
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\{#Suffix}\shell\{#Verb}"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\hpcm-studio.exe,0"; Tasks: verb
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\{#Suffix}\shell\{#Verb}\command"; ValueType: string; ValueName: ""; ValueData: """{app}\hpcm-studio.exe"" ""%1"""; Tasks: verb
#endsub
#define Suffixes ".png .jpg .jpeg .jpe .jfif .webp .tif .tiff .bmp .gif .avif .heic .heif .hif .jxl .dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .raf .orf .rw2 .rwl .pef .srw .3fr .fff .iiq .erf .mef .mos .mrw .dcr .kdc .x3f "
#define Rest
#for {Rest = Suffixes; Len(Rest) > 0; Rest = Copy(Rest, Pos(" ", Rest) + 1)} Suffix = Copy(Rest, 1, Pos(" ", Rest) - 1), CompressVerb

[Run]
Filename: "{app}\hpcm-studio.exe"; Description: "{cm:LaunchProgram,HPCM Studio}"; Flags: nowait postinstall skipifsilent

[Code]
function EnvironmentRoot: Integer;
begin
  if IsAdminInstallMode then
    Result := HKEY_LOCAL_MACHINE
  else
    Result := HKEY_CURRENT_USER;
end;

function EnvironmentKey: String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

{ PATH without the program's folder; every other entry stays as it is, in its place. }
function PathWithout(const Folder, Path: String): String;
var
  Entry, Rest: String;
  Border: Integer;
begin
  Result := '';
  Rest := Path;
  while Rest <> '' do
  begin
    Border := Pos(';', Rest);
    if Border = 0 then
      Border := Length(Rest) + 1;
    Entry := Copy(Rest, 1, Border - 1);
    Delete(Rest, 1, Border);
    if (Entry <> '') and (CompareText(Entry, Folder) <> 0) then
    begin
      if Result <> '' then
        Result := Result + ';';
      Result := Result + Entry;
    end;
  end;
end;

{ A PATH in which the folder is not, or is already, is not written again. }
procedure SetPath(const Add: Boolean);
var
  Old, New, Folder: String;
  IsThere: Boolean;
begin
  Folder := ExpandConstant('{app}');
  if not RegQueryStringValue(EnvironmentRoot, EnvironmentKey, 'Path', Old) then
    Old := '';
  IsThere := Pos(';' + Lowercase(Folder) + ';', ';' + Lowercase(Old) + ';') > 0;
  if IsThere = Add then
    exit;
  New := PathWithout(Folder, Old);
  if Add then
  begin
    if New <> '' then
      New := New + ';';
    New := New + Folder;
  end;
  if New = '' then
    RegDeleteValue(EnvironmentRoot, EnvironmentKey, 'Path')
  else
    RegWriteExpandStringValue(EnvironmentRoot, EnvironmentKey, 'Path', New);
end;

procedure CurStepChanged(CurStep: TSetupStep);
begin
  if (CurStep = ssPostInstall) and WizardIsTaskSelected('path') then
    SetPath(True);
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if CurUninstallStep = usUninstall then
    SetPath(False);
end;
