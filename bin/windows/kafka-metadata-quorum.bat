@echo off
rem Is for KRaft clusters, and says so.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-metadata-quorum.js" %*
exit /b %errorlevel%
