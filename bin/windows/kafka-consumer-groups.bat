@echo off
rem Lists and describes consumer groups, resets their offsets, deletes them.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-consumer-groups.js" %*
exit /b %errorlevel%
