@echo off
rem Prints what a segment, index or checkpoint file holds.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-dump-log.js" %*
exit /b %errorlevel%
