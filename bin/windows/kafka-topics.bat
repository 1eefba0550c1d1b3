@echo off
rem Creates, lists, describes, alters and deletes topics.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-topics.js" %*
exit /b %errorlevel%
